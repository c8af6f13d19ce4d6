//! Extended JSON that is read is written to what reads back as the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mongolane_bson::extended::{self, Form};
use mongolane_bson::{Document, Reader};

fuzz_target!(|data: &[u8]| {
    match std::str::from_utf8(data) {
        Ok(text) => from_text(text),
        Err(_) => from_bytes(data),
    }
});

fn canonical(bytes: &[u8]) -> Option<String> {
    let mut out = Vec::new();
    let reader = Reader::new(bytes).ok()?;
    extended::document(&mut out, reader, Form::Canonical).ok()?;
    Some(String::from_utf8(out).expect("JSON is UTF-8"))
}

fn from_text(text: &str) {
    let Ok(document) = extended::from_text(text) else {
        return;
    };
    let bytes = document.to_bytes();
    let read = Document::from_bytes(&bytes).expect("what was written is read");
    assert_eq!(bytes, read.to_bytes());
    let written = canonical(&bytes).expect("what was read is written");
    let again = extended::from_text(&written).expect(&written);
    assert_eq!(bytes, again.to_bytes(), "{written}");
}

/// A key with a `$` may look like a type; without one, text and bytes are one to one.
fn from_bytes(data: &[u8]) {
    let Some(text) = canonical(data) else {
        return;
    };
    match extended::from_text(&text) {
        Ok(document) if !data.contains(&b'$') => {
            assert_eq!(Some(text), canonical(&document.to_bytes()));
        }
        Ok(_) => {}
        Err(error) => assert!(data.contains(&b'$'), "{error}: {text}"),
    }
}
