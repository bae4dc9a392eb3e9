package ansim.hub;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A time on the command line: {@code 2026-11-27}, {@code 2026-11-27T03:00} by this machine's zone, or {@code 2026-11-26T18:00Z} (ISO 8601). */
final class GivenTime {
    static final String FORM = "2026-11-27 or 2026-11-27T03:00 by this machine's zone, or 2026-11-26T18:00Z.";

    private GivenTime() {}

    /** A day is its beginning. What is no time is a mistake in the use of the command, and not one that matches nothing. */
    static Instant of(CommandSpec spec, String option, String text) {
        DateTimeFormatter form =
                text.contains("T") ? DateTimeFormatter.ISO_DATE_TIME : DateTimeFormatter.ISO_LOCAL_DATE;
        try {
            TemporalAccessor time = form.parseBest(text, ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
            ZoneId here = ZoneId.systemDefault();
            if (time instanceof ZonedDateTime known) {
                return known.toInstant();
            }
            return time instanceof LocalDateTime local
                    ? local.atZone(here).toInstant()
                    : LocalDate.from(time).atStartOfDay(here).toInstant();
        } catch (DateTimeParseException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + " must be a time such as 2026-11-27, 2026-11-27T03:00 or 2026-11-26T18:00:00Z (got " + text
                            + ")",
                    e);
        }
    }
}
