import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.opensearch.Version;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** One OpenSearch node until SIGTERM: SearchServer HOME HTTP_PORT TRANSPORT_PORT [without-nori]. */
public class SearchServer {
    /** The constructor that takes plugins from the class path is not public. */
    static class PluggedNode extends Node {
        PluggedNode(Environment environment, Collection<PluginInfo> plugins) {
            super(environment, plugins, true);
        }

        @Override
        protected void configureNodeAndClusterIdStateListener(ClusterService service) {
            // Concerns the log format of an installed server.
        }
    }

    static Environment environment(Path home, String httpPort, String transportPort) throws Exception {
        for (String folder : new String[] {"config", "modules", "plugins"}) {
            Files.createDirectories(home.resolve(folder));
        }
        Settings settings = Settings.builder()
            .put("path.home", home).put("path.data", home.resolve("data"))
            .put("path.logs", home.resolve("logs"))
            .put("cluster.name", "respring").put("node.name", "n1").put("node.processors", 2)
            .put("network.host", "127.0.0.1").put("http.port", httpPort)
            .put("transport.port", transportPort).put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        return InternalSettingsPreparer.prepareEnvironment(
            settings, Collections.emptyMap(), home.resolve("config"), () -> "n1");
    }

    static List<PluginInfo> plugins(boolean nori) {
        List<String> names = new ArrayList<>(Arrays.asList(
            "org.opensearch.transport.Netty4ModulePlugin",
            "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
            "org.opensearch.index.reindex.ReindexModulePlugin"));
        if (nori) {
            names.add("org.opensearch.plugin.analysis.nori.AnalysisNoriPlugin");
        }
        List<PluginInfo> plugins = new ArrayList<>();
        for (String name : names) {
            plugins.add(new PluginInfo(name, "from the class path", "NA", Version.CURRENT,
                Integer.toString(Runtime.version().feature()), name, Collections.emptyList(), false));
        }
        return plugins;
    }

    public static void main(String[] arguments) throws Exception {
        Path home = Paths.get(arguments[0]).toAbsolutePath();
        Node node = new PluggedNode(
            environment(home, arguments[1], arguments[2]), plugins(arguments.length < 4));
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
                node.awaitClose(20, TimeUnit.SECONDS);
            } catch (Exception problem) {
                problem.printStackTrace();
            }
            org.apache.logging.log4j.LogManager.shutdown();
            done.countDown();
        }));
        node.start();
        done.await();
    }
}
