package ansim.hub.load;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 as units with a certificate each. Sessions are not resumed, so each handshake is a whole one. Any thread. */
final class UnitTls implements DoorLink.Tls {
    private static final String EC = "EC";

    private final SslContext context;

    UnitTls(UnitCertificates certificates) throws SSLException {
        context = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .protocols("TLSv1.3")
                .keyManager(new ByNumber(certificates))
                .trustManager(certificates.authority())
                .endpointIdentificationAlgorithm(null)
                .sessionCacheSize(1)
                .build();
    }

    /** The unit's number stands where a host's name would: by it the key manager knows whose handshake it is. */
    @Override
    public SSLEngine engine(int unit) {
        return context.newEngine(ByteBufAllocator.DEFAULT, Integer.toString(unit), 1);
    }

    private static final class ByNumber extends X509ExtendedKeyManager {
        private final UnitCertificates certificates;

        ByNumber(UnitCertificates certificates) {
            this.certificates = certificates;
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
            return certificates.chain(Integer.parseInt(alias));
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return certificates.key();
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
