package ansim.trust;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Who issues the certificates of the units and of the hub's doors (RFC 5280 profile, path length 0).
 *
 * <p>Guarantees that a unit's certificate can only be used as a client's, a door's only as a server's, and that serial numbers are 127
 * random bits. Keeps no list of what it issued: a unit is shut out in the registry, not by a revocation list. Any thread.
 */
public final class Authority {
    /** How long the hub's own authority lives. */
    public static final Duration LIFE = Duration.ofDays(365 * 20L);

    /** How long a unit's or a door's certificate lives, at most. */
    public static final Duration LEAF_LIFE = Duration.ofDays(365);

    /** A certificate begins this long before it is issued, for clocks that are behind. */
    public static final Duration BACKDATED = Duration.ofHours(1);

    private static final int SERIAL_BITS = 127;
    private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

    private final PrivateKey key;
    private final X509Certificate certificate;
    private final SecureRandom random;

    private Authority(PrivateKey key, X509Certificate certificate, SecureRandom random) {
        this.key = key;
        this.certificate = certificate;
        this.random = random;
    }

    /**
     * An authority of the hub's own, self-signed.
     *
     * @param name its common name, for people
     */
    public static Authority found(String name, TlsKey key, Instant now, SecureRandom random) {
        X500Name subject = name(name);
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                subject,
                serial(random),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(LIFE)),
                subject,
                key.publicKey());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.publicKey()));
            return new Authority(key.privateKey(), sign(builder, key.privateKey()), random);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("an authority's certificate cannot be built", e);
        }
    }

    /**
     * An authority from its PEM: the hub's own from its files, or one that the city gives.
     *
     * @param key PKCS#8, SEC 1 or PKCS#1, not encrypted
     * @param certificate the certificate that goes with it; further ones are ignored
     * @throws IllegalArgumentException if they do not belong together, or the certificate may not issue others
     */
    public static Authority fromPem(String key, String certificate, SecureRandom random) {
        PrivateKey privateKey = TlsKey.privateKey(key);
        X509Certificate own = Certificates.fromPem(certificate).get(0);
        boolean[] usage = own.getKeyUsage();
        if (own.getBasicConstraints() < 0 || (usage != null && !usage[5])) {
            throw new IllegalArgumentException(
                    "the certificate must be an authority's: basicConstraints CA:TRUE and keyUsage keyCertSign");
        }
        Authority found = new Authority(privateKey, own, random);
        Instant now = own.getNotBefore().toInstant().plus(BACKDATED);
        X509Certificate probe = found.unit(own.getPublicKey(), "probe", now);
        if (!Certificates.signed(own, probe)) {
            throw new IllegalArgumentException("the private key is not that of the certificate");
        }
        return found;
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** A unit's certificate for {@link #LEAF_LIFE}: client authentication only, its name the unit's id. */
    public X509Certificate unit(PublicKey unitKey, String unitId, Instant now) {
        return leaf(unitKey, unitId, now, KeyPurposeId.id_kp_clientAuth, List.of());
    }

    /**
     * A door's certificate for {@link #LEAF_LIFE}.
     *
     * @param names DNS names and IP addresses by which units reach it; at least one
     */
    public X509Certificate server(PublicKey serverKey, List<String> names, Instant now) {
        return leaf(serverKey, names.get(0), now, KeyPurposeId.id_kp_serverAuth, names);
    }

    private X509Certificate leaf(
            PublicKey leafKey, String commonName, Instant now, KeyPurposeId purpose, List<String> names) {
        Instant end = now.plus(LEAF_LIFE);
        Instant last = certificate.getNotAfter().toInstant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(random),
                Date.from(now.minus(BACKDATED)),
                Date.from(end.isAfter(last) ? last : end),
                name(commonName),
                leafKey);
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                    .addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(leafKey))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            ids.createAuthorityKeyIdentifier(certificate.getPublicKey()));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
            }
            return sign(builder, key);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("a certificate cannot be built", e);
        }
    }

    private static GeneralNames alternatives(List<String> names) {
        List<GeneralName> found = new ArrayList<>();
        for (String each : names) {
            int kind = ADDRESS.matcher(each).matches() ? GeneralName.iPAddress : GeneralName.dNSName;
            found.add(new GeneralName(kind, each));
        }
        return new GeneralNames(found.toArray(GeneralName[]::new));
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        String algorithm = "RSA".equals(key.getAlgorithm()) ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalArgumentException("this key cannot sign certificates: " + e.getMessage(), e);
        }
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
    }

    private static BigInteger serial(SecureRandom random) {
        return new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE);
    }
}
