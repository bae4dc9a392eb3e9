package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Destination.Target;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sinks as the settings would make them. */
final class Targets {
    private Targets() {}

    static Target webhook(String url) {
        return target(url, null, null, null, null, Format.CLOUDEVENTS);
    }

    static Target batching(String url, int batch, Optional<Path> secret) {
        return webhook(url, Format.CLOUDEVENTS, batch, secret, Optional.empty());
    }

    /** Of a server whose certificate one of these authorities has issued. */
    static Target trusting(String url, Path authority) {
        return webhook(url, Format.CLOUDEVENTS, 1, Optional.empty(), Optional.of(authority));
    }

    static Target mqtt(String url) {
        return target(null, url, null, null, null, Format.CLOUDEVENTS);
    }

    static Target kafka(String servers) {
        return target(null, null, servers, null, null, Format.CLOUDEVENTS);
    }

    static Target stream(Path token) {
        return target(null, null, null, token, null, Format.CLOUDEVENTS);
    }

    static Target file(Path folder, Format format) {
        return target(null, null, null, null, folder, format);
    }

    static Target signed(String url, Path secret, Format format) {
        return webhook(url, format, 1, Optional.of(secret), Optional.empty());
    }

    private static Target webhook(
            String url, Format format, int batch, Optional<Path> secret, Optional<Path> authority) {
        return new Target(
                Optional.of(url),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                format,
                batch,
                Optional.empty(),
                Optional.empty(),
                secret,
                authority,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static Target mqtt(BrokerAccess access) {
        return new Target(
                Optional.empty(),
                Optional.of(access.url()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Format.CLOUDEVENTS,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                access.authority(),
                access.user(),
                access.passwordFile(),
                access.certificate(),
                access.key());
    }

    private static Target target(
            @Nullable String webhook,
            @Nullable String mqtt,
            @Nullable String kafka,
            @Nullable Path stream,
            @Nullable Path file,
            Format format) {
        return new Target(
                Optional.ofNullable(webhook),
                Optional.ofNullable(mqtt),
                Optional.ofNullable(kafka),
                Optional.ofNullable(stream),
                Optional.ofNullable(file),
                format,
                1,
                Optional.ofNullable(kafka).map(servers -> "ansim"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
