package ansim.hub.guardian;

import ansim.settings.Default;
import ansim.settings.Range;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How guardians are told: {@code guardians} in {@code hub.yaml}, or a file of its own where the vault has a process of its own.
 *
 * @param mail the server that e-mail goes by; without it there is no channel mail
 * @param webhooks one per channel: providers of SMS, KakaoTalk ...
 * @param language of those whose language has no templates
 * @param late what happened longer ago when it reached the hub is told to nobody; 1 minute to 72 hours
 * @param templates folder of {@code LANGUAGE.properties} that stand in for the built-in words
 */
public record GuardianSettings(
        Optional<MailServer> mail,
        @Default("[]") List<Hook> webhooks,
        @Default("ko") String language,

        @Default("10min") @Range(min = 60_000, max = 259_200_000)
        Duration late,

        Optional<Path> templates) {
    private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,15}");
    private static final Set<String> TAKEN = Set.of("mail", "api");

    public GuardianSettings {
        Set<String> channels = new HashSet<>();
        for (Hook hook : webhooks) {
            if (!channels.add(hook.channel())) {
                throw new IllegalArgumentException(
                        "guardians.webhooks must name each channel once (twice: \"" + hook.channel() + "\")");
            }
        }
    }

    /** Whether anything is sent from here. */
    public boolean sends() {
        return mail.isPresent() || !webhooks.isEmpty();
    }

    /** How a connection is protected. */
    public enum Tls {
        /** Plain at first, encrypted before anything is said; without that nothing is sent. RFC 3207. */
        STARTTLS,
        /** From the first byte. RFC 8314. */
        TLS,
        /** Not at all: only on this machine. */
        NONE
    }

    /**
     * A server that takes e-mail.
     *
     * @param host its name, which its certificate must have
     * @param port 587 if not given, 465 for {@code tls: tls}
     * @param tls starttls, tls or none
     * @param user if it wants one
     * @param password file with that user's password, readable by its owner only
     * @param from the sender's address
     */
    public record MailServer(
            String host,
            Optional<Integer> port,
            @Default("starttls") Tls tls,
            Optional<String> user,
            Optional<Path> password,
            String from) {
        private static final Pattern FROM = Pattern.compile("[^@\\s<>]+@([A-Za-z0-9.-]+)");

        public MailServer {
            if (port.isPresent() && (port.get() < 1 || port.get() > 65_535)) {
                throw new IllegalArgumentException("port must be in [1, 65535] (got " + port.get() + ")");
            }
            if (tls == Tls.NONE && !isLoopback(host)) {
                throw new IllegalArgumentException(
                        "tls must be starttls or tls unless the server is on this machine (got" + " host \"" + host
                                + "\"): what is sent over a network must be encrypted");
            }
            if (user.isPresent() != password.isPresent()) {
                throw new IllegalArgumentException("mail must have both user and password (a file), or neither");
            }
            if (!FROM.matcher(from).matches()) {
                throw new IllegalArgumentException(
                        "from must be an address such as ansim@city.example (got \"" + from + "\")");
            }
        }

        int portOrUsual() {
            return port.orElse(tls == Tls.TLS ? 465 : 587);
        }

        String domain() {
            return from.substring(from.indexOf('@') + 1);
        }
    }

    /**
     * A provider that takes a POST.
     *
     * @param channel sms, kakao ...: guardians of this channel are told by it
     * @param url https; http only on this machine
     * @param secret file with what its requests are signed with, readable by its owner only
     */
    public record Hook(String channel, String url, Path secret) {
        public Hook {
            if (!CHANNEL.matcher(channel).matches() || TAKEN.contains(channel)) {
                throw new IllegalArgumentException(
                        "channel must be a word such as sms, and neither mail nor api (got \"" + channel + "\")");
            }
            URI uri = URI.create(url);
            boolean https = "https".equals(uri.getScheme());
            boolean plain = "http".equals(uri.getScheme()) && uri.getHost() != null && isLoopback(uri.getHost());
            if (uri.getHost() == null || !(https || plain)) {
                throw new IllegalArgumentException(
                        "url must be https://..., or http:// on this machine (got \"" + url + "\")");
            }
        }
    }

    private static boolean isLoopback(String host) {
        if (host.toLowerCase(Locale.ROOT).equals("localhost")) {
            return true;
        }
        // Only numbers: no name is looked up.
        if (!host.matches("[0-9.]+|\\[?[0-9a-fA-F:]+]?")) {
            return false;
        }
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
