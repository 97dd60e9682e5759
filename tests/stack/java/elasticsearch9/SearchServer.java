import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.nativeaccess.NativeAccess;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One Elasticsearch 9 node until SIGTERM: SearchServer PROGRAM HOME HTTP_PORT TRANSPORT_PORT, with the
 * plugins in PROGRAM/modules.
 */
public class SearchServer {
    static Environment environment(Path program, Path home, String httpPort, String transportPort)
            throws Exception {
        Files.createDirectories(home.resolve("config"));
        Settings settings = Settings.builder()
            .put("path.home", program).put("path.data", home.resolve("data"))
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
        LogConfigurator.configureESLogging();
        Path program = Paths.get(arguments[0]).toAbsolutePath();
        Path home = Paths.get(arguments[1]).toAbsolutePath();
        Environment environment = environment(program, home, arguments[2], arguments[3]);
        NativeAccess.instance();
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()), Set.of(), Map.of(), false);
        Node node = new Node(environment, plugins);
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.prepareForClose();
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
