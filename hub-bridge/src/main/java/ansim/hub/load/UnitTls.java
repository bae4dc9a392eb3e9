package ansim.hub.load;

import ansim.trust.Authority;
import ansim.trust.TlsKey;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.stream.IntStream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS as units with a certificate each, of the hub's own authority. One private key for all of them: the handshake's arithmetic is the same, and nobody
 * trusts units of a measurement. Sessions are not resumed, so each handshake is a whole one. Any thread.
 */
public final class UnitTls implements DoorLink.Tls {
    private static final String EC = "EC";

    private final SslContext context;

    private UnitTls(SslContext context) {
        this.context = context;
    }

    /** Issues certificates to the first units, on all processors: about a millisecond each. */
    public static UnitTls of(Authority authority, Fleet fleet, int units, Instant now, SecureRandom random)
            throws SSLException {
        TlsKey key = TlsKey.generate(random);
        X509Certificate[] certificates = IntStream.range(0, units)
                .parallel()
                .mapToObj(unit -> authority.unit(key.publicKey(), fleet.id(unit).hex(), now))
                .toArray(X509Certificate[]::new);
        return new UnitTls(SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3")
                .keyManager(new ByNumber(key.privateKey(), certificates, authority.certificate()))
                .trustManager(authority.certificate())
                .endpointIdentificationAlgorithm(null)
                .sessionCacheSize(1)
                .build());
    }

    /** The unit's number stands where a host's name would: by it the key manager knows whose handshake it is. */
    @Override
    public SSLEngine engine(int unit) {
        return context.newEngine(ByteBufAllocator.DEFAULT, Integer.toString(unit), 1);
    }

    private static final class ByNumber extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] certificates;
        private final X509Certificate authority;

        ByNumber(PrivateKey key, X509Certificate[] certificates, X509Certificate authority) {
            this.key = key;
            this.certificates = certificates;
            this.authority = authority;
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
            for (String each : keyTypes) {
                if (each.startsWith(EC)) {
                    return engine.getPeerHost();
                }
            }
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {certificates[Integer.parseInt(alias)], authority};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }
}
