package ansim.hub.vault;

/**
 * A rider as the vault tells of one. No name, no card, no contact: those stay in the vault.
 *
 * @param handle what the rider is called for this one ride, 32 hexadecimal digits: two rides of one rider cannot be told to be so
 * @param home the code of the district in which the rider lives
 * @param language in which the rider is written to, as RFC 5646 has it
 */
public record Rider(String handle, String home, String language) {
    @Override
    public String toString() {
        return "rider of " + home;
    }
}
