package ansim.hub.enrol;

import ansim.trust.TlsIdentity;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Who the server is, asked anew for every handshake. Any thread. */
public final class DoorKeys extends X509ExtendedKeyManager {
    private final Supplier<TlsIdentity> identity;
    private TlsIdentity newest;
    private TlsIdentity before;

    /** Asks for it now, and at every handshake. */
    public DoorKeys(Supplier<TlsIdentity> identity) {
        this.identity = identity;
        this.newest = identity.get();
        this.before = newest;
    }

    private static String alias(TlsIdentity identity) {
        return identity.leaf().getSerialNumber().toString(16);
    }

    private synchronized String current() {
        TlsIdentity now = identity.get();
        if (!now.equals(newest)) {
            before = newest;
            newest = now;
        }
        return alias(now);
    }

    /** A handshake asks for name, key and chain one by one: all of the same identity. */
    private synchronized TlsIdentity named(String alias) {
        return alias(before).equals(alias) ? before : newest;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return keyType.startsWith("EC") ? current() : null;
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return keyType.startsWith("EC") ? current() : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return named(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return named(alias).key().privateKey();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {current()};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[0];
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
