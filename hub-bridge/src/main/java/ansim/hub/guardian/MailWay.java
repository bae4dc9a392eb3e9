package ansim.hub.guardian;

import ansim.hub.guardian.GuardianSettings.MailServer;
import ansim.hub.guardian.GuardianSettings.Tls;
import ansim.hub.vault.Letter;
import jakarta.activation.DataHandler;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * E-mail by a city's own server: SMTP (RFC 5321) with STARTTLS or TLS. One connection, kept while letters come and asked (NOOP) before each.
 *
 * <p>A letter has the same Message-ID at every try, made of its id: mail programs and many servers show it once. What is sent is the server's
 * word 250 after DATA; a connection that breaks before it is tried again, so that a letter may arrive twice, under that one Message-ID.
 *
 * <p>No wait is longer than {@value #TIMEOUT_MS} ms. One thread at a time.
 */
final class MailWay implements Way {
    static final int TIMEOUT_MS = 10_000;

    private static final int SERVICE_ENDS = 421;

    private final MailServer server;
    private final Optional<String> password;
    private final Session session;
    private final InstantSource clock;
    private @Nullable Transport open;

    MailWay(MailServer server, Optional<String> password, InstantSource clock) {
        this.server = server;
        this.password = password;
        this.clock = clock;
        this.session = Session.getInstance(properties(server));
    }

    private static Properties properties(MailServer server) {
        String waits = Integer.toString(TIMEOUT_MS);
        Properties all = new Properties();
        all.setProperty("mail.smtp.host", server.host());
        all.setProperty("mail.smtp.port", Integer.toString(server.portOrUsual()));
        all.setProperty("mail.smtp.connectiontimeout", waits);
        all.setProperty("mail.smtp.timeout", waits);
        all.setProperty("mail.smtp.writetimeout", waits);
        all.setProperty("mail.smtp.localhost", server.domain());
        all.setProperty("mail.smtp.quitwait", "false");
        all.setProperty("mail.smtp.auth", Boolean.toString(server.user().isPresent()));
        all.setProperty("mail.smtp.starttls.enable", Boolean.toString(server.tls() == Tls.STARTTLS));
        all.setProperty("mail.smtp.starttls.required", Boolean.toString(server.tls() == Tls.STARTTLS));
        all.setProperty("mail.smtp.ssl.enable", Boolean.toString(server.tls() == Tls.TLS));
        all.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        all.setProperty("mail.smtp.ssl.protocols", "TLSv1.3 TLSv1.2");
        return all;
    }

    @Override
    public Outcome send(Letter letter, Text text) {
        InternetAddress to;
        try {
            to = new InternetAddress(letter.address(), true);
        } catch (AddressException e) {
            return new Outcome(Verdict.REFUSED, "it is no e-mail address");
        }
        Transport ready;
        try {
            ready = connected();
        } catch (MessagingException e) {
            hangUp();
            return new Outcome(Verdict.UNREACHABLE, words(e));
        }
        try {
            ready.sendMessage(message(letter, text, to), new Address[] {to});
            return Outcome.SENT;
        } catch (MessagingException e) {
            hangUp();
            return failed(e);
        }
    }

    private Transport connected() throws MessagingException {
        Transport transport = open;
        if (transport != null && transport.isConnected()) {
            return transport;
        }
        hangUp();
        transport = session.getTransport("smtp");
        open = transport;
        transport.connect(server.host(), server.portOrUsual(), server.user().orElse(null), password.orElse(null));
        return transport;
    }

    /** Plain text in UTF-8, from memory: nothing depends on which content handlers a class loader finds. */
    private MimeMessage message(Letter letter, Text text, InternetAddress to) throws MessagingException {
        String id = "<" + letter.id() + "@" + server.domain() + ">";
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", id);
            }
        };
        message.setFrom(new InternetAddress(server.from(), true));
        message.setRecipient(Message.RecipientType.TO, to);
        message.setSubject(text.title(), "UTF-8");
        message.setSentDate(Date.from(Instant.ofEpochMilli(clock.millis())));
        // RFC 3834: nobody's absence note answers it.
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setDataHandler(new DataHandler(
                new ByteArrayDataSource(text.body().getBytes(StandardCharsets.UTF_8), "text/plain; charset=UTF-8")));
        message.setHeader("Content-Transfer-Encoding", "base64");
        message.saveChanges();
        return message;
    }

    /** RFC 5321 4.2.1: 5xx to the receiver or the text is for good, 4xx is not; what is about us holds up all. */
    private static Outcome failed(MessagingException failure) {
        for (Exception each = failure;
                each != null;
                each = each instanceof MessagingException chained ? chained.getNextException() : null) {
            if (each instanceof SMTPAddressFailedException refused) {
                return outcome(refused.getReturnCode(), words(refused));
            }
            if (each instanceof SMTPSenderFailedException sender) {
                return new Outcome(Verdict.UNREACHABLE, words(sender));
            }
        }
        OptionalInt code = failure instanceof SMTPSendFailedException said
                ? OptionalInt.of(said.getReturnCode())
                : OptionalInt.empty();
        return code.isPresent()
                ? outcome(code.getAsInt(), words(failure))
                : new Outcome(Verdict.UNREACHABLE, words(failure));
    }

    private static Outcome outcome(int code, String why) {
        if (code == SERVICE_ENDS || code < 400 || code == 530 || code == 503) {
            return new Outcome(Verdict.UNREACHABLE, why);
        }
        return new Outcome(code >= 500 ? Verdict.REFUSED : Verdict.LATER, why);
    }

    private static String words(Exception failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return String.valueOf(failure.getMessage()).strip()
                + (cause == failure ? "" : " (" + cause.getClass().getSimpleName() + ")");
    }

    private void hangUp() {
        Transport transport = open;
        open = null;
        if (transport != null) {
            try {
                transport.close();
            } catch (MessagingException e) {
                Logger.debug("mail: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        hangUp();
    }
}
