//! Languages: what is a word, which words don't count, and what a word's stem is.

use std::borrow::Cow;
use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use rust_stemmers::{Algorithm, Stemmer};

/// A language that texts may be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Language {
    pub(super) name: &'static str,
    code: &'static str,
    algorithm: Option<Algorithm>,
}

/// How words are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sensitivity {
    pub(super) case: bool,
    pub(super) diacritics: bool,
}

const LANGUAGES: [Language; 16] = [
    language("danish", "da", Algorithm::Danish),
    language("dutch", "nl", Algorithm::Dutch),
    language("english", "en", Algorithm::English),
    language("finnish", "fi", Algorithm::Finnish),
    language("french", "fr", Algorithm::French),
    language("german", "de", Algorithm::German),
    language("hungarian", "hu", Algorithm::Hungarian),
    language("italian", "it", Algorithm::Italian),
    language("norwegian", "nb", Algorithm::Norwegian),
    language("portuguese", "pt", Algorithm::Portuguese),
    language("romanian", "ro", Algorithm::Romanian),
    language("russian", "ru", Algorithm::Russian),
    language("spanish", "es", Algorithm::Spanish),
    language("swedish", "sv", Algorithm::Swedish),
    language("turkish", "tr", Algorithm::Turkish),
    Language {
        name: "none",
        code: "none",
        algorithm: None,
    },
];

/// What doesn't count in English, as MongoDB has it: fewer words than in the
/// lists of the other languages' source.
const ENGLISH: &str = "a about above after again against all am an and any are aren't as at be \
    because been before being below between both but by can't cannot could couldn't did didn't do \
    does doesn't doing don't down during each few for from further had hadn't has hasn't have \
    haven't having he he'd he'll he's her here here's hers herself him himself his how how's i i'd \
    i'll i'm i've if in into is isn't it it's its itself let's me more most mustn't my myself no \
    nor not of off on once only or other ought our ours ourselves out over own same shan't she \
    she'd she'll she's should shouldn't so some such than that that's the their theirs them \
    themselves then there there's these they they'd they'll they're they've this those through to \
    too under until up very was wasn't we we'd we'll we're we've were weren't what what's when \
    when's where where's which while who who's whom why why's with won't would wouldn't you you'd \
    you'll you're you've your yours yourself yourselves";

const fn language(name: &'static str, code: &'static str, algorithm: Algorithm) -> Language {
    Language {
        name,
        code,
        algorithm: Some(algorithm),
    }
}

impl Language {
    /// The language of that name or code, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        LANGUAGES
            .into_iter()
            .find(|language| language.name == name || language.code == name)
    }

    /// The words of a text as they are compared, without those that don't
    /// count.
    pub(super) fn words(self, text: &str, sensitivity: Sensitivity) -> Vec<String> {
        let stemmer = self.algorithm.map(Stemmer::create);
        let ignored = self.ignored();
        let mut words = Vec::new();
        for word in text
            .split(|c| self.divides(c))
            .filter(|word| !word.is_empty())
        {
            let lower = word.to_lowercase();
            if ignored.contains(&lower.as_str()) {
                continue;
            }
            let word = if sensitivity.case {
                word
            } else {
                lower.as_str()
            };
            let stem = match &stemmer {
                Some(stemmer) => stemmer.stem(word),
                None => Cow::Borrowed(word),
            };
            let stem = match sensitivity.diacritics {
                true => stem.into_owned(),
                false => without_diacritics(&stem),
            };
            if !stem.is_empty() {
                words.push(stem);
            }
        }
        words
    }

    /// The words that don't count.
    fn ignored(self) -> &'static [&'static str] {
        static IN_ENGLISH: LazyLock<Vec<&str>> =
            LazyLock::new(|| ENGLISH.split_whitespace().collect());
        match self.code {
            "en" => &IN_ENGLISH,
            // The lists' own code for Norwegian is that of both its forms.
            "nb" => stop_words::lookup("no").unwrap_or_default(),
            code => stop_words::lookup(code).unwrap_or_default(),
        }
    }

    /// Whether a character stands between words. An apostrophe is part of an
    /// English one.
    fn divides(self, c: char) -> bool {
        let joins = c == '_' || is_mark(c) || (c == '\'' && self.name == "english");
        !c.is_alphanumeric() && !joins
    }
}

/// A text as phrases are looked for in it.
pub(super) fn folded(text: &str, sensitivity: Sensitivity) -> String {
    let text = match sensitivity.case {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    };
    match sensitivity.diacritics {
        true => text.into_owned(),
        false => without_diacritics(&text),
    }
}

fn without_diacritics(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let normalizer = DecomposingNormalizerBorrowed::new_nfd();
    let decomposed = normalizer.normalize(text);
    decomposed.chars().filter(|c| !is_mark(*c)).collect()
}

/// The marks that stand above or below a letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(language: &str, text: &str) -> Vec<String> {
        let language = Language::named(language).unwrap();
        language.words(text, Sensitivity::default())
    }

    /// Words are stems without accents, and the small ones are left out.
    #[test]
    fn words_are_stems() {
        assert_eq!(
            ["quick", "fox", "jump", "coffe"].as_slice(),
            words("english", "The quick FOXES, jumping over coffee")
        );
        assert_eq!(["cafe", "maca"].as_slice(), words("none", "Café-MAÇA"));
        assert_eq!(["cas"].as_slice(), words("pt", "as casas"));
        assert_eq!(["the"].as_slice(), words("none", "the"));
    }

    /// Every language but "none" has words that don't count.
    #[test]
    fn languages_have_stop_words() {
        for language in LANGUAGES.iter().filter(|l| l.algorithm.is_some()) {
            assert!(!language.ignored().is_empty(), "{}", language.name);
        }
        assert_eq!(None, Language::named("klingon"));
    }
}
