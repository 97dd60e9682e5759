import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;

/** One Elasticsearch node until SIGTERM: SearchServer HOME HTTP_PORT TRANSPORT_PORT [without-nori]. */
public class SearchServer {
    /** The constructor that takes plugins from the class path is not public. */
    static class PluggedNode extends Node {
        PluggedNode(Environment environment, Collection<Class<? extends Plugin>> plugins) {
            super(environment, plugins, true);
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

    public static void main(String[] arguments) throws Exception {
        Path home = Paths.get(arguments[0]).toAbsolutePath();
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        plugins.add(org.elasticsearch.transport.Netty4Plugin.class);
        plugins.add(org.elasticsearch.reindex.ReindexPlugin.class);
        if (arguments.length < 4) {
            plugins.add(NoriPlugin.class);
        }
        Node node = new PluggedNode(environment(home, arguments[1], arguments[2]), plugins);
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
