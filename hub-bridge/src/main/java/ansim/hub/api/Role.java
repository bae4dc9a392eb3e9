package ansim.hub.api;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an account is for, and so what it may do. */
public enum Role {
    /** Runs the hub: reads everything and may change riders. */
    OPERATOR(Scope.NONE),
    /** Reads everything but riders, and changes nothing. */
    AUDITOR(Scope.NONE),
    /** Reads what it is sent of its own district. */
    CENTRE(Scope.DISTRICT),
    /** Reads its own units and their rides. */
    FLEET(Scope.COMPANY),
    /** The city's app: tells of emergencies and destinations, and suspends riders; reads nothing of anybody. */
    APP(Scope.NONE);

    /** What an account of a role is bound to. */
    public enum Scope {
        NONE,
        DISTRICT,
        COMPANY
    }

    private final Scope scope;

    Role(Scope scope) {
        this.scope = scope;
    }

    public Scope scope() {
        return scope;
    }

    /** In lower case, as it is written. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word().equals(word)).findFirst();
    }

    /** All of them as they are written. */
    public static List<String> words() {
        return Arrays.stream(values()).map(Role::word).toList();
    }
}
