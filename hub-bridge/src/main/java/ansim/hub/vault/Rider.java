package ansim.hub.vault;

import java.util.List;

/**
 * A rider as the vault tells of one. No name, no card; {@link #toString} does not tell the guardians.
 *
 * @param handle what the rider is called for this one ride, 32 hexadecimal digits: two rides of one rider cannot be told to be so
 * @param home the code of the district in which the rider lives
 * @param language in which the rider and the guardians are written to, as RFC 5646 has it
 * @param guardians whom to tell
 */
public record Rider(String handle, String home, String language, List<Guardian> guardians) {
    public Rider {
        guardians = List.copyOf(guardians);
    }

    /**
     * Somebody who is told how the rider is.
     *
     * @param channel the kind of address: sms, push, mail ...
     * @param address of that kind; never logged
     */
    public record Guardian(String channel, String address) {
        @Override
        public String toString() {
            return channel;
        }
    }

    @Override
    public String toString() {
        return "rider of " + home;
    }
}
