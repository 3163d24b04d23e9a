//! The page that raters see: one file with everything in it.
//!
//! Style, script and pictures are inside; a content security policy forbids the browser to fetch or send anything.

use super::plan::{Plan, catches};
use super::question::Question;
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Seconds that somebody needs for a question besides looking.
const THINKING: f64 = 3.0;

/// The languages that the page speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Italian.
    It,
}

impl Language {
    fn words(self) -> &'static str {
        match self {
            Language::En => include_str!("words/en.json"),
            Language::De => include_str!("words/de.json"),
            Language::Fr => include_str!("words/fr.json"),
            Language::It => include_str!("words/it.json"),
        }
    }
}

/// A film as the page holds it.
#[derive(Clone, Debug)]
pub struct Reel {
    /// Pictures a second.
    pub rate: f64,
    /// JPEG pictures.
    pub pictures: Vec<Vec<u8>>,
}

/// What a page is made of.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// What is compared.
    pub plan: &'a Plan,
    /// The films of the plan, in its order.
    pub reels: &'a [Reel],
    /// Columns and rows of a picture.
    pub side: u32,
    /// Questions for each rater, catches among them.
    pub trials: usize,
    /// How long a film lasts, in seconds.
    pub seconds: f64,
    /// What orders and sides come from.
    pub seed: u64,
    /// Over the page; the language's own if `None`.
    pub title: Option<&'a str>,
    /// The language.
    pub language: Language,
}

impl Page<'_> {
    /// The page's text.
    ///
    /// # Errors
    /// Words of a language that cannot be read, which a test rules out.
    pub fn html(&self) -> Result<String> {
        let mut words: Map<String, Value> =
            serde_json::from_str(self.language.words()).context("the page's words")?;
        if let Some(title) = self.title {
            words.insert("title".to_owned(), title.into());
        }
        let minutes = (self.trials as f64 * (self.seconds + THINKING) / 60.0).ceil();
        let mut page = FRAME.to_owned();
        for (name, word) in &words {
            if let Value::String(word) = word {
                let text = if name == "long" {
                    word.replace('#', &minutes.to_string())
                } else {
                    word.clone()
                };
                page = page.replace(&format!("{{{{{name}}}}}"), &escaped(&text));
            }
        }
        // In a script `<` could begin its end.
        let data = self.data(&words).to_string().replace('<', "\\u003c");
        let page = page.replace("{{style}}", STYLE.trim_end());
        let page = page.replace("{{script}}", SCRIPT.trim_end());
        Ok(page.replace("{{data}}", &data))
    }

    fn data(&self, words: &Map<String, Value>) -> Value {
        let film = |reel: &Reel| {
            let pictures: Vec<String> = reel.pictures.iter().map(|p| base64(p)).collect();
            json!({ "rate": reel.rate, "pictures": pictures })
        };
        let films: Vec<Value> = self.reels.iter().map(film).collect();
        let mut shown = Map::new();
        for one in &self.plan.shown {
            let how = json!([one.film, u8::from(one.held), u8::from(one.turned)]);
            shown.insert(one.code.clone(), how);
        }
        let code = |place: usize| self.plan.shown.get(place).map(|shown| &shown.code);
        let number = |question: Question| {
            let mut all = Question::OPINIONS.iter().chain(&Question::CATCHES);
            all.position(|one| *one == question)
        };
        let pairs: Vec<Value> = (self.plan.pairs.iter())
            .map(|pair| {
                // By their codes, so that the place does not tell which is right.
                let mut two = pair.shown.map(code);
                two.sort();
                json!([pair.code, number(pair.question), two[0], two[1]])
            })
            .collect();
        let told = ["place", "questions", "stopping", "erasing"];
        let told: Map<String, Value> = (words.iter())
            .filter(|(name, _)| told.contains(&name.as_str()))
            .map(|(name, word)| (name.clone(), word.clone()))
            .collect();
        json!({
            "study": self.plan.study,
            "seed": self.seed.to_string(),
            "side": self.side,
            "trials": self.trials,
            "checks": catches(self.trials),
            "shown": shown,
            "pairs": pairs,
            "words": told,
            "films": films,
        })
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let text = text.replace('>', "&gt;").replace('"', "&quot;");
    // Else a title could name a place of the page that is filled later.
    text.replace('{', "&#123;")
}

/// Bytes as text (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    let letters = bytes.chunks(3).flat_map(sfumato_wire::base64::encode);
    letters.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::plan::{conditions, plan};
    use super::*;

    fn plan_of_two() -> Plan {
        let names = ["serene", "curious"].map(str::to_owned);
        plan(&conditions(&names, true), &[true], 1, 3, "x")
    }

    fn page(language: Language, title: Option<&str>) -> String {
        let plan = plan_of_two();
        let reel = |film: usize| Reel {
            rate: 25.0,
            pictures: vec![vec![255, 216, film as u8]; 3],
        };
        let reels: Vec<Reel> = (0..plan.films.len()).map(reel).collect();
        let page = Page {
            plan: &plan,
            reels: &reels,
            side: 8,
            trials: 12,
            seconds: 5.0,
            seed: 3,
            title,
            language,
        };
        page.html().unwrap()
    }

    const ALL: [Language; 4] = [Language::En, Language::De, Language::Fr, Language::It];

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn all_languages_say_everything() {
        let keys = |language: Language| {
            let words: Map<String, Value> = serde_json::from_str(language.words()).unwrap();
            assert_eq!(words["questions"].as_array().unwrap().len(), 5);
            words.keys().cloned().collect::<Vec<_>>()
        };
        for language in ALL {
            assert_eq!(keys(language), keys(Language::En));
            let page = page(language, None);
            assert!(!page.contains("{{"), "{language:?}");
        }
    }

    #[test]
    fn the_page_fetches_nothing_and_sends_nothing() {
        for language in ALL {
            let page = page(language, None);
            for never in [
                "http:",
                "https:",
                "//www",
                "fetch(",
                "XMLHttp",
                "sendBeacon",
                "WebSocket",
                "@import",
                "url(",
                "<link rel=\"stylesheet",
            ] {
                assert!(!page.contains(never), "{never}");
            }
            for source in page.split("src=").skip(1) {
                assert!(source.starts_with("\"data:"), "{}", &source[..20]);
            }
            for place in page.split(" href=").skip(1) {
                assert!(place.starts_with("\"data:"), "{}", &place[..20]);
            }
            assert!(page.contains("default-src 'none'"));
        }
    }

    #[test]
    fn what_opens_is_closed_and_titles_cannot_break_the_page() {
        let page = page(Language::En, Some("</script><b>\"A\" & B {{data}}</title>"));
        assert!(page.contains("&lt;/script&gt;&lt;b&gt;&quot;A&quot; &amp; B &#123;&#123;data}}"));
        assert_eq!(balance(&page), Ok(()));
        assert!(balance("<p><b></p>").is_err() && balance("<p>").is_err());
        // Every `aria-` reference and every element that the script looks for is there once.
        let ids = |mark: &str| -> Vec<String> {
            let end = |text: &str| text.split('"').next().unwrap().to_owned();
            page.split(mark).skip(1).map(end).collect()
        };
        let there = ids(" id=\"");
        for wanted in ids("by(\"")
            .iter()
            .filter(|id| !["canvas", "answer"].contains(&&***id))
        {
            assert_eq!(
                there.iter().filter(|id| *id == wanted).count(),
                1,
                "{wanted}"
            );
        }
        for wanted in [
            ids("aria-describedby=\""),
            ids("aria-labelledby=\""),
            ids(" for=\""),
        ]
        .concat()
        {
            assert!(there.contains(&wanted), "{wanted}");
        }
    }

    /// Whether every tag that needs an end has it, in order; scripts and styles are skipped.
    fn balance(page: &str) -> Result<(), String> {
        const ALONE: [&str; 4] = ["meta", "link", "input", "!DOCTYPE"];
        let mut open: Vec<&str> = Vec::new();
        let mut rest = page;
        while let Some(start) = rest.find('<') {
            rest = &rest[start + 1..];
            let end = rest.find('>').ok_or("a tag has no end")?;
            let (tag, after) = (&rest[..end], &rest[end + 1..]);
            let name = tag.split([' ', '\n']).next().unwrap_or_default();
            rest = after;
            if let Some(name) = name.strip_prefix('/') {
                let last = open.pop();
                if last != Some(name) {
                    return Err(format!("</{name}> closes {last:?}"));
                }
            } else if !ALONE.contains(&name) {
                open.push(name);
                if ["script", "style"].contains(&name) {
                    let close = format!("</{name}>");
                    rest = &rest[rest.find(&close).ok_or("no end of a script")?..];
                }
            }
        }
        if open.is_empty() {
            Ok(())
        } else {
            Err(format!("open: {open:?}"))
        }
    }

    #[test]
    fn no_condition_is_named() {
        for language in ALL {
            let page = page(language, None).to_lowercase();
            let words: Vec<&str> = page.split(|c: char| !c.is_alphanumeric()).collect();
            for name in [
                "serene",
                "curious",
                "still",
                "rig",
                "network",
                "generator",
                "personality",
                "mirror",
                "sfumato",
                "playful",
                "condition",
                "frozen",
                "anchor",
            ] {
                assert!(!words.contains(&name), "{language:?}: {name}");
            }
        }
    }

    #[test]
    fn the_right_answer_has_no_place_of_its_own() {
        let plan = plan_of_two();
        let page = page(Language::En, None);
        let start = page.find("id=\"data\">").unwrap() + 10;
        let data = &page[start..];
        let data: Value = serde_json::from_str(&data[..data.find("</script>").unwrap()]).unwrap();
        let pairs = data["pairs"].as_array().unwrap();
        assert_eq!(pairs.len(), plan.pairs.len());
        for (pair, planned) in pairs.iter().zip(&plan.pairs) {
            assert_eq!(pair[0], *planned.code);
            assert!(pair[2].as_str().unwrap() < pair[3].as_str().unwrap());
        }
    }
}
