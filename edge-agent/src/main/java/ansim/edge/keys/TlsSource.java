package ansim.edge.keys;

import java.io.IOException;
import javax.net.ssl.SSLContext;

/** Who a link is, asked anew for each connection: the certificate may have been renewed since the last one. */
@FunctionalInterface
public interface TlsSource {
    /**
     * As of now.
     *
     * @throws IOException if there is no connection to be had, because the certificate has ended
     */
    SSLContext context() throws IOException;
}
