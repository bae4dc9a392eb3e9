package ansim.edge.port;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.NativeLongByReference;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of PC/SC Lite that a reader needs, under their names without {@code SCard}. All give 0 or an error code.
 *
 * <p>Not {@code javax.smartcardio}: the JDK's keeps one context for the life of the process and never makes another, so that after
 * a restart of pcscd it fails for ever.
 */
interface PcscLibrary extends Library {
    NativeLong establishContext(
            NativeLong scope, @Nullable Pointer reserved, @Nullable Pointer reserved2, NativeLongByReference context);

    NativeLong releaseContext(NativeLong context);

    NativeLong listReaders(NativeLong context, @Nullable String groups, byte[] names, NativeLongByReference length);

    NativeLong connect(
            NativeLong context,
            String reader,
            NativeLong share,
            NativeLong protocols,
            NativeLongByReference card,
            NativeLongByReference protocol);

    NativeLong status(
            NativeLong card,
            byte[] name,
            NativeLongByReference nameLength,
            NativeLongByReference state,
            NativeLongByReference protocol,
            byte[] atr,
            NativeLongByReference atrLength);

    NativeLong transmit(
            NativeLong card,
            Pointer protocol,
            byte[] command,
            NativeLong commandLength,
            @Nullable Pointer received,
            byte[] response,
            NativeLongByReference responseLength);

    NativeLong disconnect(NativeLong card, NativeLong disposition);

    /**
     * The library of this machine.
     *
     * @throws IOException when it is not installed
     */
    static PcscLibrary load() throws IOException {
        try {
            return Native.load(
                    "libpcsclite.so.1",
                    PcscLibrary.class,
                    Map.of(Library.OPTION_FUNCTION_MAPPER, (com.sun.jna.FunctionMapper) (library, method) -> {
                        String name = method.getName();
                        return "SCard" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
                    }));
        } catch (UnsatisfiedLinkError e) {
            throw new IOException("PC/SC is not installed (apt-get install pcscd)", e);
        }
    }
}
