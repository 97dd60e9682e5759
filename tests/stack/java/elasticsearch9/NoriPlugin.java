import java.io.IOException;
import java.io.StringReader;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanNumberFilter;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanReadingFormFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.apache.lucene.analysis.ko.POS;
import org.apache.lucene.analysis.ko.dict.UserDictionary;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.env.Environment;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AbstractTokenizerFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Lucene's Korean analysis under the names and settings of Elasticsearch's own analysis-nori plugin,
 * and GET /, by which clients know what they talk to: both are distributed as parts of an installed
 * Elasticsearch only.
 */
public class NoriPlugin extends Plugin implements AnalysisPlugin, ActionPlugin {
    static class WhatItIs extends BaseRestHandler {
        private final String node;

        WhatItIs(String node) {
            this.node = node;
        }

        @Override
        public String getName() {
            return "main_action";
        }

        @Override
        public List<Route> routes() {
            return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
        }

        @Override
        protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
            return channel -> {
                try (XContentBuilder out = channel.newBuilder()) {
                    out.startObject().field("name", node).startObject("version")
                        .field("number", Build.current().version())
                        .field("build_flavor", Build.current().flavor())
                        .field("lucene_version", Version.LATEST.toString()).endObject()
                        .field("tagline", "You Know, for Search").endObject();
                    channel.sendResponse(new RestResponse(RestStatus.OK, out));
                }
            };
        }
    }

    @Override
    public Collection<RestHandler> getRestHandlers(Settings settings, NamedWriteableRegistry writeables,
            RestController controller, ClusterSettings cluster, IndexScopedSettings indices,
            SettingsFilter filter, IndexNameExpressionResolver names, Supplier<DiscoveryNodes> nodes,
            Predicate<NodeFeature> features) {
        return List.of(new WhatItIs(settings.get("node.name")));
    }

    static UserDictionary dictionary(Environment environment, Settings settings) {
        List<String> rules = Analysis.getWordList(
            environment, settings, "user_dictionary", "user_dictionary_rules", true);
        if (rules == null || rules.isEmpty()) {
            return null;
        }
        try {
            return UserDictionary.open(new StringReader(String.join("\n", rules)));
        } catch (IOException problem) {
            throw new IllegalArgumentException(problem);
        }
    }

    static KoreanTokenizer.DecompoundMode mode(Settings settings) {
        String name = settings.get("decompound_mode", "discard");
        return KoreanTokenizer.DecompoundMode.valueOf(name.toUpperCase(Locale.ROOT));
    }

    static Set<POS.Tag> stopTags(Settings settings) {
        List<String> names = settings.getAsList("stoptags", null);
        if (names == null) {
            return KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS;
        }
        Set<POS.Tag> tags = EnumSet.noneOf(POS.Tag.class);
        for (String name : names) {
            tags.add(POS.resolveTag(name));
        }
        return tags;
    }

    interface Filter {
        TokenStream apply(Settings settings, TokenStream input);
    }

    static AnalysisProvider<TokenFilterFactory> filter(Filter filter) {
        return (index, environment, name, settings) ->
            new AbstractTokenFilterFactory(name) {
                @Override
                public TokenStream create(TokenStream input) {
                    return filter.apply(settings, input);
                }
            };
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Collections.singletonMap("nori_tokenizer", (index, environment, name, settings) -> {
            UserDictionary dictionary = dictionary(environment, settings);
            KoreanTokenizer.DecompoundMode mode = mode(settings);
            boolean discard = settings.getAsBoolean("discard_punctuation", true);
            return new AbstractTokenizerFactory(name) {
                @Override
                public Tokenizer create() {
                    return new KoreanTokenizer(KoreanTokenizer.DEFAULT_TOKEN_ATTRIBUTE_FACTORY,
                        dictionary, mode, false, discard);
                }
            };
        });
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new HashMap<>();
        filters.put("nori_part_of_speech", filter((settings, input) ->
            new KoreanPartOfSpeechStopFilter(input, stopTags(settings))));
        filters.put("nori_readingform", filter((settings, input) -> new KoreanReadingFormFilter(input)));
        filters.put("nori_number", filter((settings, input) -> new KoreanNumberFilter(input)));
        return filters;
    }

    @Override
    public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        return Collections.singletonMap("nori", (index, environment, name, settings) -> {
            KoreanAnalyzer analyzer = new KoreanAnalyzer(
                dictionary(environment, settings), mode(settings), stopTags(settings), false);
            return new AbstractIndexAnalyzerProvider<KoreanAnalyzer>(name) {
                @Override
                public KoreanAnalyzer get() {
                    return analyzer;
                }
            };
        });
    }
}
