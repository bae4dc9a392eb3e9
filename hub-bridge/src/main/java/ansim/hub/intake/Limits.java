package ansim.hub.intake;

import ansim.wire.UpMessage;
import java.time.Duration;

/** The intake's limits, and what happens at each. */
final class Limits {
    /** PUBLISHes of one connection without a PUBACK; beyond it nothing more is read from the connection. MQTT 5: Receive Maximum. */
    static final int IN_FLIGHT = 64;

    /** Bytes of an MQTT packet after its fixed header: a whole message, its topic and some properties. A longer one closes. */
    static final int PACKET_BYTES = UpMessage.MAX_BYTES + 512;

    /** TLS handshakes under way at once; one more connection is closed unheard, and its unit comes again. */
    static final int HANDSHAKES = 1024;

    /** From the connection to the end of the TLS handshake; then it is closed. */
    static final Duration HANDSHAKE = Duration.ofSeconds(10);

    /** How often it is looked whether a connected unit still may be: revoked, or its certificate has ended. */
    static final Duration STILL_ALLOWED_EVERY = Duration.ofSeconds(1);

    /** From the connection, with TLS from the end of its handshake, to a complete CONNECT; then it is closed. */
    static final Duration CONNECT = Duration.ofSeconds(10);

    /** The longest keep alive; MQTT 5 clients are told, others that ask for none are closed when silent for so long. */
    static final int KEEP_ALIVE_S = 1200;

    /** Bytes that may wait to be sent; above it nothing is read, and below {@link #UNSENT_LOW_BYTES} again. */
    static final int UNSENT_HIGH_BYTES = 64 * 1024;

    static final int UNSENT_LOW_BYTES = 32 * 1024;

    /** A client that has not read for so long, with {@link #UNSENT_HIGH_BYTES} waiting, is closed. */
    static final Duration UNSENT = Duration.ofSeconds(10);

    /** Filters in one SUBSCRIBE or UNSUBSCRIBE; with more the connection is closed. */
    static final int FILTERS = 8;

    /** Messages that wait for one verifying thread, of which the alarms have one to themselves; then their connections wait. */
    static final int TO_VERIFY = 2048;

    /** How long a connection waits when that is full before it asks again. */
    static final Duration TO_VERIFY_RETRY = Duration.ofMillis(5);

    /** Verified messages that wait for the committer, and again so many alarms; then the verifying threads wait. */
    static final int TO_COMMIT = 4096;

    /** Messages committed by one fsync. */
    static final int BATCH = 1024;

    /** What already waits behind the alarms of a batch and goes with them: some ms of work. */
    static final int BESIDE_ALARMS = 64;

    /** How long the committer waits for more before an fsync, unless there is an alarm: what a batch costs besides its messages is shared by more. */
    static final Duration LINGER = Duration.ofMillis(5);

    /** Receipts of lanes 3 and 4 to one unit are at least so far apart. */
    static final Duration RECEIPT_EVERY = Duration.ofSeconds(1);

    /** Receipts of single messages that wait for one unit; with more they go at once. */
    static final int SINGLE_RECEIPTS = 32;

    /** Bytes of one CoAP datagram's payload; above it a body comes block by block (RFC 7959), up to a whole message. */
    static final int BLOCK_BYTES = 1024;

    /** Bytes of a CoAP body; a longer one is answered with 4.13. Raised knowingly: Californium's default is as much, libcoap's less. */
    static final int BODY_BYTES = UpMessage.MAX_BYTES;

    /** Max-Age of a 5.03: how long a unit that was told to come back later waits. */
    static final int COME_BACK_S = 2;

    /** What comes down to one unit over CoAP and was not acknowledged yet; beyond it the oldest goes: receipts and commands come again. */
    static final int TO_TELL = 8;

    /** A unit that was not heard on CoAP for so long, and does not observe, is forgotten there; it comes back with its next request. */
    static final Duration COAP_IDLE = Duration.ofMinutes(15);

    /** DTLS associations that were silent for so long make room for new ones when there is none. */
    static final Duration DTLS_STALE = Duration.ofMinutes(5);

    /** Bytes of a DTLS connection id: what lets a unit change its address in mid-session (RFC 9146). */
    static final int CONNECTION_ID_BYTES = 6;

    /** Bytes of an IP packet of the CoAP door: what every path carries (RFC 8200 section 5). */
    static final int DATAGRAM_BYTES = 1280;

    /** Messages of one connection to a city's broker without a PUBACK (MQTT 5: Receive Maximum); the broker keeps the rest, or loses it. */
    static final int BROKER_IN_FLIGHT = 1024;

    /** What is to be signed and sent through a city's broker; with more, the newest is not sent and counted. */
    static final int BROKER_TO_SEND = 16 * 1024;

    /** Messages to a city's broker that were not written to the connection yet; then the sender waits for {@link #UNSENT}. */
    static final int BROKER_OUT_IN_FLIGHT = 64;

    /** One step towards a city's broker: connecting, the TLS handshake, CONNECT, SUBSCRIBE. */
    static final Duration BROKER_STEP = Duration.ofSeconds(10);

    /** A city's broker that says nothing for so long, though asked for it, is given up, and tried again. */
    static final Duration BROKER_SILENCE = Duration.ofSeconds(30);

    /** Before the second attempt to reach a city's broker; then twice as long each time, up to {@link #BROKER_RETRY_LONGEST}. */
    static final Duration BROKER_RETRY_FIRST = Duration.ofMillis(500);

    static final Duration BROKER_RETRY_LONGEST = Duration.ofSeconds(16);

    /** A unit behind a city's broker that was silent for so long is forgotten there; it is greeted when it speaks again. */
    static final Duration BROKER_IDLE = Duration.ofMinutes(15);

    /** How often it is looked for such units. */
    static final Duration BROKER_SWEEP = Duration.ofMinutes(1);

    /** A command that is not acknowledged is sent again after so long; then after twice as long, up to {@link #ORDER_AGAIN_LONGEST}. */
    static final Duration ORDER_AGAIN_FIRST = Duration.ofSeconds(30);

    static final Duration ORDER_AGAIN_LONGEST = Duration.ofMinutes(10);

    /** Commands of one connection without a PUBACK; MQTT 5 clients may want fewer. The others wait. */
    static final int ORDERS_IN_FLIGHT = 8;

    /** Commands sent that the registry was not told of yet; of more it is not told. */
    static final int SENT_TO_TELL = 4_096;

    /** A unit behind a city's broker that was silent for so long may have missed its commands: all go again when it is heard. */
    static final Duration BROKER_SILENT = Duration.ofSeconds(90);

    private Limits() {}
}
