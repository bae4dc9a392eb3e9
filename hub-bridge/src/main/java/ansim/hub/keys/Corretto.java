package ansim.hub.keys;

import java.security.Provider;
import java.util.Optional;
import org.tinylog.Logger;

/** The Amazon Corretto Crypto Provider: native, several times as fast as Java's own, where it loads (64-bit Linux on x86). Any thread. */
public final class Corretto {
    /** The system property that asks for another provider: {@code bouncycastle} for measuring beside it, or where this one misbehaves. */
    static final String PROPERTY = "ansim.signatures";

    private static final String PROVIDER = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

    private Corretto() {}

    /** The provider, if it loads here and {@link #PROPERTY} does not ask for another. */
    public static Optional<Provider> provider() {
        if ("bouncycastle".equals(System.getProperty(PROPERTY))) {
            return Optional.empty();
        }
        // Asked for when the provider's class is loaded: without it there is no Ed25519 on JDK 17.
        System.setProperty("com.amazon.corretto.crypto.provider.registerEdKeyFactory", "true");
        try {
            Object instance = Class.forName(PROVIDER).getField("INSTANCE").get(null);
            Object loading = instance.getClass().getMethod("getLoadingError").invoke(instance);
            if (loading instanceof Throwable error) {
                Logger.debug("the Corretto provider does not load here: {}", error.toString());
                return Optional.empty();
            }
            return Optional.of((Provider) instance);
        } catch (ReflectiveOperationException | LinkageError e) {
            Logger.debug("the Corretto provider does not load here: {}", e.toString());
            return Optional.empty();
        }
    }
}
