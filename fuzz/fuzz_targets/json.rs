//! BSON that is accepted becomes well-formed JSON with as many members, quick or extended.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mongolane_bson::extended::{self, Form};
use mongolane_bson::{Document, Reader, json};
use serde::Deserialize;
use serde_json::Deserializer;
use serde_json::value::RawValue;

fuzz_target!(|data: &[u8]| {
    let Ok(reader) = Reader::new(data) else {
        return;
    };
    let owned = Document::from_bytes(data).ok();
    let mut out = Vec::new();
    let written = json::document(&mut out, reader).is_ok();
    if written {
        well_formed(&out);
    }
    // Only depth may part them: the owned reader goes a little deeper.
    let deep = data.len() > 7 * 200;
    assert!(owned.is_none() || written || deep);
    for form in [Form::Canonical, Form::Relaxed] {
        let mut out = Vec::new();
        let extended = extended::document(&mut out, reader, form).is_ok();
        assert!(owned.is_none() || extended || deep);
        if extended {
            well_formed(&out);
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    if size >= 4 && seed % 8 != 0 {
        data[..4].copy_from_slice(&(size as u32).to_le_bytes());
    }
    size
});

fn well_formed(text: &[u8]) {
    let text = std::str::from_utf8(text).expect("JSON is UTF-8");
    let mut reader = Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let whole = <&RawValue>::deserialize(&mut reader).expect(text);
    assert_eq!(text, whole.get());
}
