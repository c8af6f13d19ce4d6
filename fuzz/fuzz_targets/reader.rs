//! What one reader accepts all accept, alike, and writing it gives the same bytes back.
#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mongolane_bson::document::{Elements, field, validate};
use mongolane_bson::{Document, MAX_DEPTH, Reader, Value, element};

fuzz_target!(|data: &[u8]| {
    let owned = Document::from_bytes(data);
    assert_eq!(owned.is_ok(), validate(data).is_ok());
    let walked = Reader::new(data).and_then(|reader| walk(reader, 0));
    match owned {
        Ok(document) => {
            let deep = depth(&document) > MAX_DEPTH;
            assert!(deep || walked.is_ok(), "{walked:?}");
            round_trip(data, &document);
            single_fields(data, &document);
        }
        // The lazy reader leaves the texts of keys and values to its caller.
        Err(_) => drop(walked),
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    // Mostly with a right length in front, so that the rest is read at all.
    if size >= 4 && seed % 8 != 0 {
        data[..4].copy_from_slice(&(size as u32).to_le_bytes());
    }
    size
});

/// Every value is reached by its type; none reaches over its document's end.
fn walk(mut reader: Reader<'_>, depth: usize) -> mongolane_bson::Result<()> {
    let whole = reader.bytes().as_ptr_range();
    while let Some((kind, _)) = reader.next()? {
        let mut copy = reader;
        let value = reader.skip(kind)?;
        let range = value.as_ptr_range();
        assert!(whole.start <= range.start && range.end < whole.end);
        if matches!(kind, element::DOCUMENT | element::ARRAY) {
            if depth >= MAX_DEPTH {
                return Err(reader.error("nested too deeply"));
            }
            walk(copy.document()?, depth + 1)?;
            assert_eq!(reader.position(), copy.position());
        }
    }
    Ok(())
}

fn round_trip(data: &[u8], document: &Document) {
    let written = document.to_bytes();
    // The keys of arrays are not kept.
    assert!(has_array(document) || written == data);
    let again = Document::from_bytes(&written).expect("what was written is read");
    assert_eq!(written, again.to_bytes());
}

fn single_fields(data: &[u8], document: &Document) {
    let mut elements = Elements::new(data).expect("a document has elements");
    for (key, value) in document {
        let (found, kind) = elements.next_head().unwrap().expect("as many elements");
        assert_eq!(key.as_bytes(), found);
        assert_eq!(bytes(value), bytes(&elements.read(kind).unwrap()));
    }
    assert!(elements.next_head().unwrap().is_none());
    if let Some(key) = document.keys().last() {
        let expected = document.get(key).map(bytes);
        assert_eq!(expected, field(data, key).unwrap().as_ref().map(bytes));
    }
}

/// NaN is not equal to itself, its bytes are.
fn bytes(value: &Value) -> Vec<u8> {
    Document::from_iter([(String::new(), value.clone())]).to_bytes()
}

fn depth(document: &Document) -> usize {
    document
        .iter()
        .map(|(_, value)| below(value))
        .max()
        .unwrap_or(0)
}

fn below(value: &Value) -> usize {
    match value {
        Value::Document(inner) | Value::CodeWithScope(_, inner) => 1 + depth(inner),
        Value::Array(items) => 1 + items.iter().map(below).max().unwrap_or(0),
        _ => 0,
    }
}

fn has_array(document: &Document) -> bool {
    document.iter().any(|(_, value)| match value {
        Value::Array(_) => true,
        Value::Document(inner) | Value::CodeWithScope(_, inner) => has_array(inner),
        _ => false,
    })
}
