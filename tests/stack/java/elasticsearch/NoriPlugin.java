import java.io.IOException;
import java.io.StringReader;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AbstractTokenizerFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * Lucene's Korean analysis under the names and settings of Elasticsearch's own analysis-nori plugin,
 * which is distributed as a download for an installed Elasticsearch only.
 */
public class NoriPlugin extends Plugin implements AnalysisPlugin {
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
            new AbstractTokenFilterFactory(index, name, settings) {
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
            return new AbstractTokenizerFactory(index, settings, name) {
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
            return new AbstractIndexAnalyzerProvider<KoreanAnalyzer>(index, name, settings) {
                @Override
                public KoreanAnalyzer get() {
                    return analyzer;
                }
            };
        });
    }
}
