package ansim.hub.console;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** For whoever works on the page: {@code Shot ADDRESS WIDTH HEIGHT LANGUAGE SECONDS FILE [SCRIPT]} takes a picture of it. */
public final class Shot {
    private Shot() {}

    public static void main(String[] arguments) throws Exception {
        try (Browser browser = new Browser(
                Files.createTempDirectory("shot"),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                arguments[3])) {
            browser.open(arguments[0]);
            TimeUnit.SECONDS.sleep(Long.parseLong(arguments[4]));
            if (arguments.length > 6) {
                System.out.println(browser.evaluate(arguments[6]));
                TimeUnit.SECONDS.sleep(1);
            }
            browser.screenshot(Path.of(arguments[5]));
            browser.complaints.forEach(System.out::println);
        }
    }
}
