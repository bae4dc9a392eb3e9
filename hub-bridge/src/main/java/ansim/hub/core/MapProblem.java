package ansim.hub.core;

/**
 * Something wrong with a file of districts.
 *
 * @param severity what follows from it
 * @param where the feature: its number from 1, with code and name as far as they are known; or the file
 * @param message what is wrong, with the place as {@code lat lon} where there is one, and what to do
 */
public record MapProblem(Severity severity, String where, String message) {
    /** What follows from a problem. */
    public enum Severity {
        /** The file is not imported. */
        ERROR,
        /** Imported only when the operator accepts it. */
        SERIOUS,
        /** Imported, and said. */
        WARNING
    }

    static MapProblem error(String where, String message) {
        return new MapProblem(Severity.ERROR, where, message);
    }

    @Override
    public String toString() {
        return where + ": " + message;
    }
}
