package ansim.hub.intake;

import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.wire.Id16;
import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.2 and 1.3 of a door that lets nobody in without a certificate of the hub's authority that is valid now. Whose certificate it is,
 * the session asks: {@link Peer}.
 *
 * <p>A new identity is taken up with the next connection; those that stand stay. Any thread.
 */
public final class DoorTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Who does the arithmetic. */
    public enum Engine {
        /** OpenSSL (BoringSSL, in the jar) where it loads, otherwise Java. */
        AUTO,
        /** Java's own. */
        JDK,
        /** OpenSSL, or the hub does not start. */
        OPENSSL;

        private SslProvider provider() {
            boolean loads = this != JDK && OpenSsl.isAvailable();
            if (this == OPENSSL && !loads) {
                throw new IllegalStateException("OpenSSL does not load here: " + OpenSsl.unavailabilityCause());
            }
            return loads ? SslProvider.OPENSSL : SslProvider.JDK;
        }
    }

    /**
     * Who has shown a certificate that the authority signed.
     *
     * @param unit its common name, if that is a unit id
     * @param untilMs when it ends, ms since 1970 UTC
     */
    record Peer(Optional<Id16> unit, long untilMs) {
        static Optional<Peer> of(SSLSession session) {
            try {
                if (session.getPeerCertificates()[0] instanceof X509Certificate leaf) {
                    return Optional.of(new Peer(
                            Certificates.commonName(leaf).flatMap(Connect::unit),
                            leaf.getNotAfter().toInstant().toEpochMilli()));
                }
            } catch (SSLPeerUnverifiedException e) {
                // As if there were none.
            }
            return Optional.empty();
        }
    }

    private record Built(TlsIdentity identity, SslContext context) {}

    private final Supplier<TlsIdentity> identity;
    private final PeerTrust trust;
    private final SslProvider provider;
    private @Nullable Built built;

    /**
     * TLS as somebody.
     *
     * @param identity who the hub is now; asked for each connection
     * @param trust what a unit's certificate must be, by the hub's clock
     * @throws IllegalStateException if the engine does not load
     */
    public DoorTls(Supplier<TlsIdentity> identity, PeerTrust trust, Engine engine) {
        this.identity = identity;
        this.trust = trust;
        this.provider = engine.provider();
    }

    /** For the start's line. */
    public String engine() {
        return provider == SslProvider.JDK ? "Java" : OpenSsl.versionString();
    }

    /** The handler of a new connection; its arithmetic is done elsewhere than on the connections' threads. */
    SslHandler handler(Channel channel, Executor handshakes) throws SSLException {
        SslHandler handler = context().newHandler(channel.alloc(), handshakes);
        handler.setHandshakeTimeout(Limits.HANDSHAKE.toMillis(), TimeUnit.MILLISECONDS);
        return handler;
    }

    private synchronized SslContext context() throws SSLException {
        TlsIdentity now = identity.get();
        Built last = built;
        if (last == null || !last.identity.equals(now)) {
            last = new Built(
                    now,
                    SslContextBuilder.forServer(
                                    now.key().privateKey(), now.chain().toArray(X509Certificate[]::new))
                            .sslProvider(provider)
                            .protocols(PROTOCOLS)
                            .trustManager(trust)
                            .clientAuth(ClientAuth.REQUIRE)
                            .build());
            built = last;
        }
        return last.context;
    }

    /** Why a handshake failed. */
    static Refusal refusal(Throwable failure) {
        boolean certificate = false;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof CertificateExpiredException) {
                return Refusal.CERTIFICATE_EXPIRED;
            }
            certificate |= each instanceof CertificateException;
        }
        return certificate ? Refusal.CERTIFICATE : Refusal.HANDSHAKE;
    }
}
