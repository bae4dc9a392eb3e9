package ansim.hub.intake;

/** Why something was not taken, or not said. Each is counted; the words stand in the log, at most once a minute per source. */
public enum Refusal {
    /** More connections than the setting allows. */
    TOO_MANY_CONNECTIONS("too many connections", 0x97),
    /** More TLS handshakes at once than the limit. */
    TOO_MANY_HANDSHAKES("too many TLS handshakes at once", 0x97),
    /** A TLS handshake that failed, or was not TLS. */
    HANDSHAKE("TLS handshake"),
    /** A certificate that is not a unit's of the hub's authority, or none. */
    CERTIFICATE("certificate"),
    /** A certificate that has ended: at the door of enrolment it may still be renewed. */
    CERTIFICATE_EXPIRED("certificate has ended", 0x87),
    /** The client id is not the unit that the certificate names. */
    OTHER_CERTIFICATE("another unit's certificate", 0x87),
    /** A unit with a certificate that has registered no message key. */
    NOT_REGISTERED("unit not registered", 0x87),
    /** A revoked unit, or a replaced one after its time to drain. */
    SHUT_OUT("unit shut out", 0x87),
    /** No complete CONNECT within the deadline. */
    NO_CONNECT("no CONNECT in time", 0x8d),
    /** Bytes that are no MQTT packet. */
    NOT_MQTT("not MQTT", 0x81),
    /** An MQTT packet above the limit. */
    PACKET_TOO_LONG("packet too long", 0x95),
    /** Another packet before CONNECT. */
    BEFORE_CONNECT("packet before CONNECT", 0x82),
    /** CONNECT twice on one connection. */
    SECOND_CONNECT("second CONNECT", 0x82),
    /** Neither MQTT 3.1.1 nor 5. */
    PROTOCOL_VERSION("MQTT version other than 3.1.1 and 5", 0x84),
    /** The client id is not a unit id. */
    CLIENT_ID("client id that is no unit id", 0x85),
    /** A property that breaks the protocol. */
    PROPERTY("property that breaks the protocol", 0x82),
    /** Extended authentication is not spoken here. */
    AUTHENTICATION("authentication method", 0x8c),
    /** A will other than the unit's own hint. */
    WILL("will not allowed", 0x87),
    /** PUBLISH with QoS 0 or 2. */
    QOS("QoS other than 1", 0x9b),
    /** PUBLISH with the retain flag. */
    RETAINED("retained message", 0x9a),
    /** PUBLISH to a topic that is not the unit's own. */
    TOPIC("topic that is not the unit's own", 0x90),
    /** A topic alias; none are allowed. */
    TOPIC_ALIAS("topic alias", 0x94),
    /** SUBSCRIBE to anything but the unit's own commands. */
    SUBSCRIPTION("subscription not allowed", 0x87),
    /** A packet that this door does not take. */
    PACKET_TYPE("packet of a type not taken here", 0x82),
    /** Nothing heard for one and a half times the keep alive. */
    SILENT("keep alive passed", 0x8d),
    /** The client does not read what it is sent. */
    NOT_READING("does not read", 0x97),
    /** Another connection of the same unit. Not a fault by itself. */
    TAKEN_OVER("taken over by a newer connection", 0x8e),
    /** A handler failed; a defect of ours. */
    DEFECT("defect of the hub", 0x80),

    /** A message above 8 KiB. */
    MESSAGE_TOO_LONG("message too long"),
    /** Bytes that break COSE or the rules on CBOR. */
    ENCODING("encoding"),
    /** A protected header that this version does not know. */
    HEADER("protected header"),
    /** Another major version of the contract. */
    VERSION("other major version"),
    /** A negative key that must be understood. */
    MUST_UNDERSTAND("unknown negative key"),
    /** A field of the envelope is missing or wrong. */
    CONTENT("content"),
    /** Nobody registered this key. */
    UNKNOWN_KID("unknown key"),
    /** The unit was revoked. */
    REVOKED("revoked"),
    /** Topic, payload and the key's owner do not name the same unit. */
    OTHER_UNIT("another unit's message"),
    /** The topic names another lane than the payload. */
    OTHER_LANE("another lane's topic"),
    /** The signature does not verify. */
    SIGNATURE("signature"),
    /** ES256 with high s: right, but in the form that is not taken. A secure element's driver must turn s into n - s. */
    HIGH_S("ES256 signature with high s"),
    /** Refused by what the log says of the unit. */
    BY_LOG("refused by the log"),
    /** A receipt that could not go out; the next one says the same and more. */
    RECEIPT_NOT_SENT("receipt not sent"),
    /** A command that can never go to its unit: longer than the unit takes, or no command of the contract. */
    ORDER_NOT_SENT("command not sent"),
    /** A CoAP request that is not one of those that a unit needs. */
    REQUEST("CoAP request not taken here"),
    /** A CoAP request at a limit, answered with 5.03: the unit comes again. */
    BUSY("told to come back later");

    private final String words;
    private final int mqtt5;

    Refusal(String words) {
        this(words, 0x80);
    }

    Refusal(String words, int mqtt5) {
        this.words = words;
        this.mqtt5 = mqtt5;
    }

    /** For people. */
    public String words() {
        return words;
    }

    /** The reason code of MQTT 5 (section 2.4). */
    byte mqtt5() {
        return (byte) mqtt5;
    }
}
