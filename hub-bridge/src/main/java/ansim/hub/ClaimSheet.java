package ansim.hub;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import java.io.IOException;
import java.io.Writer;
import java.time.LocalDate;
import java.util.Optional;

/**
 * A sheet to print and cut: one card with a QR code for each unit. HTML for A4, ten cards a page, without script and with nothing from
 * elsewhere. One thread.
 */
final class ClaimSheet implements AutoCloseable {
    private static final int QUIET = 4;
    private static final String STYLE = """
            @page { size: A4; margin: 10mm }
            * { box-sizing: border-box }
            body { margin: 0; font: 10pt/1.35 "Noto Sans KR", "Noto Sans CJK KR", sans-serif; color: #000 }
            main { display: grid; grid-template-columns: 1fr 1fr; width: 190mm; margin: 0 auto }
            article { height: 55mm; padding: 4mm; border: 0.2mm dashed #888; display: flex; gap: 4mm; align-items: center;
              overflow: hidden; break-inside: avoid }
            svg { width: 36mm; height: 36mm; flex: none }
            h2 { font-size: 13pt; line-height: 1.2; margin: 0 0 1mm; overflow-wrap: anywhere }
            p { margin: 0; font-size: 8.5pt; color: #333; overflow-wrap: anywhere }
            .code { font: 700 13pt/1.5 ui-monospace, "DejaVu Sans Mono", monospace; color: #000; white-space: nowrap }
            """;

    /**
     * One card.
     *
     * @param title vehicle, site or serial
     * @param company who runs it; may be empty
     * @param serial of the box, if it is known
     * @param code to be typed, with dashes; empty: the QR code's page gives one, or it was printed before
     * @param until last day of the claim
     * @param link what the QR code says
     */
    record Card(
            String title,
            String company,
            Optional<String> serial,
            Optional<String> code,
            Optional<LocalDate> until,
            String link) {}

    private final Writer out;
    private boolean closed;

    ClaimSheet(Writer out, String hub) throws IOException {
        this.out = out;
        out.write("<!doctype html>\n<html lang=\"ko\"><head><meta charset=\"utf-8\"><title>Ansim: " + text(hub)
                + "</title>\n<style>\n" + STYLE + "</style></head>\n<body><main>\n");
    }

    void add(Card card) throws IOException {
        out.write("<article>" + qr(card.link()) + "<div><h2>" + text(card.title()) + "</h2>");
        paragraph("", card.company());
        paragraph("단말기 ", card.serial().orElse(""));
        if (card.code().isPresent()) {
            out.write("<p class=\"code\">" + text(card.code().get()) + "</p>");
        }
        paragraph("유효 ~ ", card.until().map(LocalDate::toString).orElse(""));
        out.write("</div></article>\n");
    }

    private void paragraph(String label, String value) throws IOException {
        if (!value.isEmpty()) {
            out.write("<p>" + label + text(value) + "</p>");
        }
    }

    /** As one path: a run of dark modules is a rectangle. */
    static String qr(String content) {
        ByteMatrix matrix;
        try {
            matrix = Encoder.encode(content, ErrorCorrectionLevel.M).getMatrix();
        } catch (WriterException e) {
            throw new IllegalArgumentException("too long for a QR code: " + content.length() + " characters", e);
        }
        int size = matrix.getWidth() + 2 * QUIET;
        StringBuilder path = new StringBuilder();
        for (int y = 0; y < matrix.getHeight(); y++) {
            for (int x = 0; x < matrix.getWidth(); x++) {
                int from = x;
                while (x < matrix.getWidth() && matrix.get(x, y) == 1) {
                    x++;
                }
                if (x > from) {
                    path.append('M').append(from + QUIET).append(' ').append(y + QUIET);
                    path.append('h')
                            .append(x - from)
                            .append("v1h-")
                            .append(x - from)
                            .append('z');
                }
            }
        }
        return "<svg viewBox=\"0 0 " + size + " " + size + "\" shape-rendering=\"crispEdges\" role=\"img\"><path d=\""
                + path + "\"/></svg>";
    }

    static String text(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        out.write("</main></body></html>\n");
        out.close();
    }
}
