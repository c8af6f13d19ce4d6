//! Regular expressions with MongoDB's options.

use std::sync::Arc;

use fancy_regex::{Regex, RegexBuilder};
use mongolane_bson::Value;

use crate::{Error, Result};

/// Instructions of a compiled pattern. One that calls itself twice would have as many
/// as memory holds.
const MOST: usize = 20_000;

/// A compiled pattern, and the text it was made of.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Arc<Regex>,
    text: String,
    options: String,
}

impl Pattern {
    /// Compiles `text`; options are any of `imsxu`.
    pub fn new(text: &str, options: &str) -> Result<Self> {
        if let Some(flag) = options.chars().find(|c| !"imsxu".contains(*c)) {
            let message = format!("invalid flag in regex options: {flag}");
            return Err(Error::new(51108, message));
        }
        if text.contains('\0') {
            return Err(Error::new(
                2,
                "Regular expression cannot contain an embedded null byte",
            ));
        }
        let regex = RegexBuilder::new(text)
            .case_insensitive(options.contains('i'))
            .multi_line(options.contains('m'))
            .dot_matches_new_line(options.contains('s'))
            .verbose_mode(options.contains('x'))
            .max_prog_size(MOST)
            .build()
            .map_err(|e| Error::new(51091, format!("Regular expression is invalid: {e}")))?;
        Ok(Self {
            regex: Arc::new(regex),
            text: text.to_owned(),
            options: options.to_owned(),
        })
    }

    /// What it was compiled to, for whoever wants to know where it matches.
    pub(crate) fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Whether a text, a symbol or the same regular expression is given.
    ///
    /// # Errors
    /// 51156 where the text takes more steps than are allowed.
    pub(crate) fn matches(&self, value: &Value) -> Result<bool> {
        match value {
            Value::String(text) | Value::Symbol(text) => self.finds(text),
            Value::Regex(text, options) => Ok(*text == self.text && *options == self.options),
            _ => Ok(false),
        }
    }

    /// Whether it is found in a text.
    ///
    /// # Errors
    /// As [`Self::matches`].
    pub(crate) fn finds(&self, text: &str) -> Result<bool> {
        self.regex.is_match(text).map_err(|e| {
            let message = format!("Error occurred while executing a regular expression: {e}");
            Error::new(51156, message)
        })
    }

    /// The literal text that every match starts with, for an index to look at.
    pub(crate) fn prefix(&self) -> Option<&str> {
        let rest = self
            .text
            .strip_prefix('^')
            .filter(|_| self.options.is_empty())?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && !"_ -@:/,".contains(c));
        let text = &rest[..end.unwrap_or(rest.len())];
        match end.map(|at| rest.as_bytes()[at]) {
            None => Some(text),
            // What follows may make the last character optional, or open an alternative.
            Some(_) if rest.contains('|') => None,
            Some(b'?' | b'*' | b'{') => {
                let last = text.char_indices().next_back()?.0;
                Some(&text[..last])
            }
            Some(_) => Some(text),
        }
        .filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    /// A pattern that calls itself is taken; one that would grow without end is not.
    #[test]
    fn patterns_that_call_themselves_stay_small() {
        let nested = Pattern::new(r"^(?<p>\((?:[^()]|(?P>p))*\))$", "").unwrap();
        assert!(nested.finds("(a(b)(c(d)))").unwrap());
        assert!(!nested.finds("(a(b)(c(d))").unwrap());

        for text in [r"a(?P>0)?b(?P>0)?", r"(?<p>x(?P>p)?y(?P>p)?)"] {
            let error = Pattern::new(text, "").unwrap_err();
            assert_eq!(51091, error.code);
        }
    }
}
