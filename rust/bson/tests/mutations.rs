//! Bytes changed at random: whatever they have become, nothing panics, hangs or
//! reads beyond them, and what one reader accepts the others accept.

use mongolane_bson::extended::{self, Form};
use mongolane_bson::{Document, Reader, Value, json};

/// A small generator of numbers (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

fn every_type() -> Vec<u8> {
    let mut inner = Document::new();
    inner.push("text", "é\"\\");
    inner.push(
        "list",
        vec![Value::Int32(1), Value::Double(0.5), Value::Null],
    );
    let mut document = Document::new();
    document.push("inner", inner.clone());
    for (at, value) in [
        Value::Double(1.5),
        Value::Binary(0, vec![1, 2, 3]),
        Value::Binary(2, vec![1, 2, 3]),
        Value::Binary(4, vec![7; 16]),
        Value::Undefined,
        Value::ObjectId([7; 12]),
        Value::Bool(true),
        Value::DateTime(1_700_000_000_123),
        Value::Regex("^a".into(), "i".into()),
        Value::DbPointer("a.b".into(), [1; 12]),
        Value::Code("f()".into()),
        Value::Symbol("s".into()),
        Value::CodeWithScope("g()".into(), inner),
        Value::Timestamp(1, 2),
        Value::Int64(i64::MIN),
        Value::Decimal128([9; 16]),
        Value::MinKey,
        Value::MaxKey,
    ]
    .into_iter()
    .enumerate()
    {
        document.push(format!("k{at}"), value);
    }
    document.to_bytes()
}

fn mutated(random: &mut Random, original: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=random.next(4) {
        let at = random.next(bytes.len());
        match random.next(4) {
            0 => bytes[at] = random.next(256) as u8,
            1 => bytes[at] ^= 1 << random.next(8),
            2 => drop(bytes.remove(at)),
            _ => bytes.insert(at, random.next(256) as u8),
        }
    }
    // Half of them with a right length in front, so that more is read.
    if random.next(2) == 0 && bytes.len() > 4 {
        let size = (bytes.len() as u32).to_le_bytes();
        bytes[..4].copy_from_slice(&size);
    }
    bytes
}

fn walk(bytes: &[u8]) -> mongolane_bson::Result<()> {
    let mut reader = Reader::new(bytes)?;
    while let Some((tag, _)) = reader.next()? {
        reader.skip(tag)?;
    }
    Ok(())
}

#[test]
fn changed_bytes_never_panic() {
    let original = every_type();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..60_000 {
        let bytes = mutated(&mut random, &original);
        let owned = Document::from_bytes(&bytes).is_ok();
        let mut out = Vec::new();
        let written = Reader::new(&bytes)
            .and_then(|r| json::document(&mut out, r))
            .is_ok();

        assert!(!written || std::str::from_utf8(&out).is_ok());
        assert!(!owned || walk(&bytes).is_ok());
        assert!(!owned || written);
    }
}

#[test]
fn canonical_json_is_read_back() {
    let original = every_type();
    let mut random = Random(42);
    let mut read = 0;
    for _ in 0..60_000 {
        let bytes = mutated(&mut random, &original);
        let mut out = Vec::new();
        let reader = Reader::new(&bytes);
        if reader
            .and_then(|r| extended::document(&mut out, r, Form::Canonical))
            .is_ok()
        {
            let text = String::from_utf8(out).expect("JSON is UTF-8");
            read += usize::from(extended::from_text(&text).is_ok());
        }
    }

    assert!(read > 1000, "{read}");
}

#[test]
fn changed_json_never_panics() {
    let mut out = Vec::new();
    let original = every_type();
    let reader = Reader::new(&original).unwrap();
    extended::document(&mut out, reader, Form::Relaxed).unwrap();
    let mut random = Random(7);
    for _ in 0..60_000 {
        let text = String::from_utf8_lossy(&mutated(&mut random, &out)).into_owned();
        let _ = extended::from_text(&text);
    }
}

#[test]
fn deep_nesting_is_refused_not_overflown() {
    let deep = "{\"a\":".repeat(100_000);
    assert!(extended::from_text(&deep).is_err());

    let mut bytes = b"\x05\0\0\0\0".to_vec();
    for _ in 0..500 {
        let size = bytes.len() as u32 + 8;
        bytes = [&size.to_le_bytes()[..], b"\x03a\0", &bytes, b"\0"].concat();
    }
    let reader = Reader::new(&bytes).unwrap();
    assert!(json::document(&mut Vec::new(), reader).is_err());
}
