//! What was measured, as a table and as JSON.

use serde_json::{Value, json};
use sfumato_infer::quantised::Cost;

/// Everything, round by round.
pub struct Measured {
    /// CPU milliseconds of our engine.
    pub ours: Vec<f64>,
    /// CPU milliseconds of the others, by name.
    pub others: Vec<(String, Vec<f64>)>,
    /// What the multiplying instructions can do here, in multiplications a nanosecond; empty where there are none.
    pub limits: Vec<(&'static str, Vec<f64>)>,
    /// Our layers.
    pub layers: Vec<Layer>,
    /// Wall milliseconds on one thread and on two.
    pub threads: Vec<[f64; 2]>,
    /// How many times less two threads need by CPU time alone.
    pub halves: Vec<f64>,
}

/// One of our layers.
pub struct Layer {
    /// Its name, kernel and multiplications.
    pub cost: Cost,
    /// CPU milliseconds.
    pub times: Vec<f64>,
}

/// All that is told.
pub struct Report {
    /// What was run.
    pub what: String,
    /// Our instructions.
    pub instructions: &'static str,
    /// How many rounds.
    pub rounds: u32,
    /// Engines that were not measured, and why.
    pub missing: Vec<(String, String)>,
    /// The measurements.
    pub measured: Measured,
}

/// A middle with its spread.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Middle {
    median: f64,
    least: f64,
    most: f64,
}

impl Middle {
    fn of(values: impl IntoIterator<Item = f64>) -> Middle {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Middle {
            median: at(values.len() / 2),
            least: at(0),
            most: at(values.len().saturating_sub(1)),
        }
    }
}

impl Measured {
    /// How many times faster ours is than another, round by round.
    fn ratio(&self, times: &[f64]) -> Middle {
        Middle::of(
            times
                .iter()
                .zip(&self.ours)
                .map(|(other, ours)| other / ours),
        )
    }

    fn two_threads(&self) -> Middle {
        Middle::of(self.threads.iter().map(|[one, two]| one / two))
    }

    /// What the instructions of a kernel can do here, in multiplications a nanosecond.
    fn limit(&self, kernel: &str) -> f64 {
        let instruction = match kernel {
            "direct dots" => "vpdpbusd",
            "direct bytes" => "vpmaddubsw and vpmaddwd",
            _ => "vpmaddwd",
        };
        let limit = self.limits.iter().find(|(name, _)| *name == instruction);
        // Other processors have other names: there, the best they can do.
        match limit {
            Some((_, found)) => Middle::of(found.iter().copied()).median,
            None => self
                .limits
                .iter()
                .map(|(_, found)| Middle::of(found.iter().copied()).median)
                .fold(f64::NAN, f64::max),
        }
    }
}

impl Layer {
    fn milliseconds(&self) -> f64 {
        Middle::of(self.times.iter().copied()).median
    }

    /// Multiplications a nanosecond.
    fn speed(&self) -> f64 {
        self.cost.multiplications as f64 / self.milliseconds() / 1e6
    }
}

impl Report {
    fn multiplications(&self) -> u64 {
        let layers = self.measured.layers.iter();
        layers.map(|layer| layer.cost.multiplications).sum()
    }

    /// Prints tables.
    pub fn print(&self) {
        let Measured { ours, others, .. } = &self.measured;
        println!(
            "{}: {:.1} million multiplications, {} rounds, one thread each, CPU time; ours with {}",
            self.what,
            self.multiplications() as f64 / 1e6,
            self.rounds,
            self.instructions
        );
        let own = Middle::of(ours.iter().copied());
        println!("{:32} {:>9}   ours is faster by", "", "median ms");
        println!(
            "{:32} {:9.3}   ({:.3} to {:.3} ms)",
            "sfumato int8", own.median, own.least, own.most
        );
        for (name, times) in others {
            let ratio = self.measured.ratio(times);
            println!(
                "{name:32} {:9.3}   {:.2}x ({:.2} to {:.2})",
                Middle::of(times.iter().copied()).median,
                ratio.median,
                ratio.least,
                ratio.most
            );
        }
        for (name, cause) in &self.missing {
            println!("{name:32} not run: {cause}");
        }
        let two = self.measured.two_threads();
        println!(
            "two threads: {:.2}x one in wall time ({:.2} to {:.2}); {:.2}x by CPU time, were both cores free",
            two.median,
            two.least,
            two.most,
            Middle::of(self.measured.halves.iter().copied()).median
        );
        self.print_layers();
    }

    fn print_layers(&self) {
        println!(
            "\n{:20} {:>14} {:>8} {:>8} {:>8} {:>9}",
            "layer", "kernel", "MMAC", "ms", "GMAC/s", "of limit"
        );
        for layer in &self.measured.layers {
            let cost = &layer.cost;
            print!(
                "{:20} {:>14} {:8.2} {:8.4}",
                cost.name,
                cost.kernel,
                cost.multiplications as f64 / 1e6,
                layer.milliseconds()
            );
            if cost.multiplications > 0 {
                let share = 100.0 * layer.speed() / self.measured.limit(cost.kernel);
                print!(" {:8.1} {share:8.0}%", layer.speed());
            }
            println!();
        }
        for (name, found) in self
            .measured
            .limits
            .iter()
            .filter(|(_, found)| !found.is_empty())
        {
            println!(
                "limit of {name}: {:.1} GMAC/s",
                Middle::of(found.iter().copied()).median
            );
        }
    }

    /// One object: `{"engines": {name: {"ms": …, "ratio": ours is how many times faster}}, …}`.
    pub fn json(&self) -> Value {
        let engine = |times: &Vec<f64>| {
            let ratio = self.measured.ratio(times);
            json!({
                "ms": Middle::of(times.iter().copied()).median,
                "ratio": ratio.median,
                "ratio_least": ratio.least,
                "ratio_most": ratio.most,
            })
        };
        let named = |name: &String, value: Value| (name.clone(), value);
        let mut engines: serde_json::Map<String, Value> = self
            .measured
            .others
            .iter()
            .map(|(name, times)| named(name, engine(times)))
            .collect();
        engines.insert("sfumato int8".to_owned(), engine(&self.measured.ours));
        let missing: serde_json::Map<String, Value> = self
            .missing
            .iter()
            .map(|(name, cause)| named(name, json!(cause)))
            .collect();
        let limits: serde_json::Map<String, Value> = self
            .measured
            .limits
            .iter()
            .filter(|(_, found)| !found.is_empty())
            .map(|(name, found)| {
                (
                    (*name).to_owned(),
                    json!(Middle::of(found.iter().copied()).median),
                )
            })
            .collect();
        let layers: Vec<Value> = self
            .measured
            .layers
            .iter()
            .map(|layer| {
                let share = layer.speed() / self.measured.limit(layer.cost.kernel);
                json!({
                    "name": layer.cost.name,
                    "kernel": layer.cost.kernel,
                    "multiplications": layer.cost.multiplications,
                    "ms": layer.milliseconds(),
                    "percent_of_limit": (layer.cost.multiplications > 0).then_some(100.0 * share),
                })
            })
            .collect();
        json!({
            "what": self.what,
            "instructions": self.instructions,
            "rounds": self.rounds,
            "multiplications": self.multiplications(),
            "engines": engines,
            "missing": missing,
            "two_threads": self.measured.two_threads().median,
            "two_threads_by_cpu_time": Middle::of(self.measured.halves.iter().copied()).median,
            "limits_gmac_per_s": limits,
            "layers": layers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_the_others_time_over_ours() {
        let measured = Measured {
            ours: vec![2.0, 1.0, 4.0],
            others: vec![("slow 1.0".to_owned(), vec![6.0, 4.0, 8.0])],
            limits: vec![("vpmaddwd", vec![80.0, 100.0, 90.0]), ("vpdpbusd", vec![])],
            layers: vec![Layer {
                cost: Cost {
                    name: "one".to_owned(),
                    kernel: "winograd",
                    multiplications: 45_000_000,
                },
                times: vec![1.0],
            }],
            threads: vec![[4.0, 2.0]],
            halves: vec![1.5],
        };
        let report = Report {
            what: "test".to_owned(),
            instructions: "none",
            rounds: 3,
            missing: vec![("gone".to_owned(), "because".to_owned())],
            measured,
        };
        let json = report.json();
        assert_eq!(json["engines"]["slow 1.0"]["ms"], 6.0);
        assert_eq!(json["engines"]["slow 1.0"]["ratio"], 3.0);
        assert_eq!(json["engines"]["slow 1.0"]["ratio_most"], 4.0);
        assert_eq!(json["engines"]["sfumato int8"]["ratio"], 1.0);
        assert_eq!(json["layers"][0]["percent_of_limit"], 50.0);
        assert_eq!(json["two_threads"], 2.0);
        assert_eq!(json["two_threads_by_cpu_time"], 1.5);
        assert_eq!(json["missing"]["gone"], "because");
        assert_eq!(
            json["limits_gmac_per_s"]
                .as_object()
                .map(|limits| limits.len()),
            Some(1)
        );
    }
}
