package ansim.hub.deliver;

import ansim.trust.GivenIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;

/**
 * A centre's own broker, whom we believe there, and who we are there: nobody, a user with a password, the owner of a certificate, or both.
 *
 * <p>The files are read for each connection anew, so that a password or a certificate can be changed while the hub runs: it counts from the next
 * connection on. What stands in them is in no message and in no {@code toString}. A password goes over TLS only, or within this machine. Any thread.
 *
 * @param url {@code tcp://host:port} or {@code ssl://host:port}
 * @param authority certificates (PEM) that are trusted instead of Java's own
 * @param user by whose name we log in, with {@code passwordFile}
 * @param passwordFile a file with that user's password, readable by its owner only
 * @param certificate ours (PEM, the leaf first), with {@code key}
 * @param key its private key (PEM), readable by its owner only
 */
public record BrokerAccess(
        String url,
        Optional<Path> authority,
        Optional<String> user,
        Optional<Path> passwordFile,
        Optional<Path> certificate,
        Optional<Path> key) {
    private static final int MAX_USER = 256;
    private static final Pattern USER = Pattern.compile("[^\\p{Cntrl}]{1," + MAX_USER + "}");
    private static final String ENCRYPTED = "ssl";

    public BrokerAccess {
        URI place = place(url);
        if (user.isPresent() != passwordFile.isPresent()) {
            throw new IllegalArgumentException("user and password-file must be given together: user: NAME, and"
                    + " password-file: FILE with the password in it (chmod 600)");
        }
        if (user.isPresent() && !USER.matcher(user.get()).matches()) {
            throw new IllegalArgumentException("user must be a name of 1 to " + MAX_USER + " characters on one line");
        }
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("certificate and key must be given together: certificate: FILE (PEM, the"
                    + " leaf first), and key: FILE with its private key (PEM, chmod 600)");
        }
        if (!ENCRYPTED.equals(place.getScheme())) {
            if (certificate.isPresent() || authority.isPresent()) {
                throw new IllegalArgumentException(
                        "authority, certificate and key need TLS: write ssl:// (got \"" + url + "\")");
            }
            if (user.isPresent() && !isLoopback(place.getHost())) {
                throw new IllegalArgumentException("user and password-file need TLS unless the broker is on this"
                        + " machine: write ssl:// (got \"" + url + "\"): a password must not cross a network in the"
                        + " clear");
            }
        }
    }

    /** A broker that asks nobody who he is. */
    public static BrokerAccess open(String url) {
        return new BrokerAccess(
                url, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private static URI place(String url) {
        if (url.indexOf('@') >= 0) {
            // The text is not repeated: a password may stand in it.
            throw new IllegalArgumentException(
                    "mqtt must name no user and no password: write user: NAME and" + " password-file: FILE beside it");
        }
        URI place = URI.create(url);
        boolean known = ENCRYPTED.equals(place.getScheme()) || "tcp".equals(place.getScheme());
        if (place.getHost() == null || !known) {
            throw new IllegalArgumentException(
                    "mqtt must be a URL with a host and one of the schemes [ssl, tcp] (got \"" + url + "\")");
        }
        // What the client would not take.
        if (!place.getRawPath().isEmpty() || place.getRawQuery() != null || place.getRawFragment() != null) {
            throw new IllegalArgumentException("mqtt must end with the broker's host or port (got \"" + url + "\")");
        }
        return place;
    }

    /** Looks no name up. */
    private static boolean isLoopback(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        if (!host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+]")) {
            return false;
        }
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Whether a login or a certificate is given. */
    boolean isSomebody() {
        return user.isPresent() || certificate.isPresent();
    }

    boolean isEncrypted() {
        return url.startsWith(ENCRYPTED + ":");
    }

    /**
     * Reads its files, as a connection does.
     *
     * @throws IOException when one is of no use
     */
    public void checkFiles() throws IOException {
        var unused = options();
    }

    /**
     * For a connection that is made now.
     *
     * @throws IOException when one of its files is of no use
     */
    MqttConnectionOptions options() throws IOException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setHttpsHostnameVerificationEnabled(true);
        tls().ifPresent(context -> options.setSocketFactory(context.getSocketFactory()));
        if (user.isPresent()) {
            options.setUserName(user.get());
            options.setPassword(SecretFile.password(passwordFile.orElseThrow()));
        }
        return options;
    }

    /** Empty for Java's own: without TLS, or with TLS towards whom Java believes, as nobody. */
    private Optional<SSLContext> tls() throws IOException {
        if (key.isEmpty()) {
            return Sinks.trust(authority);
        }
        Path file = certificate.orElseThrow();
        String own = SecretFile.pem(key.get());
        String chain = Sinks.text(file);
        try {
            GivenIdentity identity = GivenIdentity.fromPem(own, chain);
            return Optional.of(
                    identity.context(authority.isPresent() ? Sinks.certificates(authority.get()) : List.of()));
        } catch (IllegalArgumentException e) {
            throw new IOException(key.get() + " and " + file + " are no identity: " + e.getMessage(), e);
        }
    }
}
