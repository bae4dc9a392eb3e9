package ansim.profile;

import ansim.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;

/** Devices of one's own, one for each framer of decoder {@code fields}, and the frames that they would send. */
final class OwnDevices {
    private OwnDevices() {}

    static Map<Profile, FuzzedDevice.Wrap> all() {
        Map<Profile, FuzzedDevice.Wrap> all = new LinkedHashMap<>();
        all.put(of("""
                framer: stx-etx
                decoder: fields
                options:
                  checksum: {kind: xor, written: hex, covered: hex}
                  fields: {card: {at: 0, length: 10, as: ascii}}
                  gives: {tap: card}
                readings: [tap]
                """), Wraps.of(DecoderKind.EM4100));
        all.put(of("""
                framer: length-prefixed
                decoder: fields
                options:
                  start: AA 55
                  at: 2
                  plus: 5
                  checksum: {kind: crc16-arc, order: little}
                  fields:
                    volt: {at: 3, length: 2}
                    degrees: {at: 5, length: 1, as: signed}
                    door: {at: 6, length: 1, as: bits, bit: 3}
                    serial: {at: 7, length: 2, as: bcd}
                  gives:
                    measures:
                      - {name: supply, value: volt, scale: 0.01, unit: V}
                      - {name: temperature, value: degrees, unit: C}
                    contact: {name: door, value: door, closed: ['1'], normally: closed}
                readings: [measure, contact]
                """), Wraps::lengthPrefixed);
        all.put(of("""
                framer: fixed
                decoder: fields
                options:
                  start: '55'
                  length: 3
                  checksum: {kind: sum-complement}
                  fields: {state: {at: 1}}
                  gives: {panic: {value: state, pressed: ['1'], origin: driver, silent: true}}
                readings: [panic]
                """), Wraps::fixed);
        all.put(of("""
                framer: terminator
                decoder: fields
                options:
                  checksum: {kind: xor, written: hex}
                  fields: {level: {at: 0, length: 3, as: ascii}, last: {at: -4, length: 2, as: hex}}
                  gives: {tap: last, same-card: 0s, measures: [{name: level, value: level, scale: 1.0E9}]}
                readings: [tap, measure]
                """), Wraps::line);
        all.put(of("""
                framer: idle-gap
                decoder: fields
                options:
                  gap: 50ms
                  longest: 64
                  fields: {card: {at: -4, length: 4, as: hex}, number: {at: 0, length: 8, as: unsigned, order: little}}
                  gives: {tap: card, lamp: {value: number, yes: ['1']}}
                readings: [tap, lamp]
                """), FuzzedDevice.Wrap.NONE);
        return all;
    }

    private static Profile of(String rest) {
        String head = "name: own\nabout: a device of ours\nline: {serial: {baud: 9600}}\n";
        return Profile.of(Settings.read("own.yaml", head + rest, ProfileFile.class));
    }
}
