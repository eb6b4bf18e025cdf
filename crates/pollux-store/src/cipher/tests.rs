//! Tests of sealing, opening and fingerprints.

use super::*;

const PLACE: Place = Place { table: "keys", row: 7, column: "sealed" };

fn cipher(byte: u8) -> Cipher {
    Cipher::new(&MasterKey(Zeroizing::new([byte; 32]))).unwrap()
}

fn sealed() -> String {
    cipher(1).seal(&Secret::new("AIza-secret"), PLACE).unwrap()
}

#[track_caller]
fn check(sealed: &str, place: Place, want: &Result<&str, CipherError>) {
    let opened = cipher(1).open(sealed, place);
    assert_eq!(opened.as_ref().map(Secret::expose), want.as_ref().map(|text| *text));
}

fn broken(place: Place) -> Result<&'static str, CipherError> {
    Err(CipherError::Sealed { place: place.to_string() })
}

#[test]
fn what_was_sealed_opens_in_its_place() {
    check(&sealed(), PLACE, &Ok("AIza-secret"));
}

#[test]
fn no_two_seals_are_the_same() {
    assert_ne!(sealed(), sealed());
}

#[test]
fn a_sealed_value_opens_nowhere_else() {
    for place in [
        Place { table: "users", ..PLACE },
        Place { row: 8, ..PLACE },
        Place { column: "name", ..PLACE },
    ] {
        check(&sealed(), place, &broken(place));
    }
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let whole = STANDARD_NO_PAD.decode(sealed()).unwrap();
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        let opened = cipher(1).open(&STANDARD_NO_PAD.encode(&changed), PLACE);
        let want = if (1..=KEY_ID).contains(&place) {
            CipherError::OtherKey
        } else {
            CipherError::Sealed { place: PLACE.to_string() }
        };
        assert_eq!(opened.unwrap_err(), want, "byte {place}");
        check(&STANDARD_NO_PAD.encode(&whole[..place]), PLACE, &broken(PLACE));
    }
    check("not base64!", PLACE, &broken(PLACE));
}

#[test]
fn another_master_key_is_told_apart_from_a_change() {
    assert_eq!(cipher(2).open(&sealed(), PLACE).unwrap_err(), CipherError::OtherKey);
}

#[test]
fn a_fingerprint_depends_on_the_master_key_and_reads_back() {
    let fingerprint = cipher(1).fingerprint(b"secret");
    assert_eq!(cipher(1).fingerprint(b"secret"), fingerprint);
    assert_ne!(cipher(1).fingerprint(b"secreT"), fingerprint);
    assert_ne!(cipher(2).fingerprint(b"secret"), fingerprint);
    let text = fingerprint.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(Fingerprint::from_text(&text), Some(fingerprint));
    assert_eq!(Fingerprint::from_text(&text[1..]), None);
    assert_eq!(Fingerprint::from_text("xyz"), None);
}

#[test]
fn a_master_key_is_read_in_every_usual_form() {
    let hex = "fb".repeat(32);
    for text in [
        hex.clone(),
        hex.to_uppercase(),
        format!(" {hex}\n"),
        STANDARD.encode([0xfb; 32]),
        STANDARD_NO_PAD.encode([0xfb; 32]),
        URL_SAFE.encode([0xfb; 32]),
        URL_SAFE_NO_PAD.encode([0xfb; 32]),
    ] {
        let key = MasterKey::from_text(&text).unwrap();
        assert_eq!(key.to_text().expose(), hex, "{text}");
    }
    for text in ["", "secret", &"fb".repeat(31), &"fb".repeat(33)] {
        assert_eq!(MasterKey::from_text(text).unwrap_err(), CipherError::NotAMasterKey);
    }
}

#[test]
fn master_keys_are_random_and_do_not_show() {
    let (one, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
    assert_ne!(one.to_text().expose(), other.to_text().expose());
    assert_eq!(format!("{one:?}"), "MasterKey(..)");
    let shown = format!("{:?}", Cipher::new(&one).unwrap());
    assert!(!one.to_text().expose().contains(&shown["Cipher(".len()..shown.len() - 1]));
}
