//! Cutting a graph: the part that makes some tensors out of others.
//!
//! A file may hold several networks with steps between them that are no layers. Each becomes a file of its own, and
//! the steps stand in the program that runs them.

use crate::ModelsError;
use crate::tflite::Graph;
use serde::Deserialize;

/// Where a network begins and ends inside a file, by the names of its tensors.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cut {
    /// The tensor that goes in; none for the file's own.
    #[serde(default)]
    pub input: Option<String>,
    /// The tensors that come out.
    pub outputs: Vec<String>,
}

impl Cut {
    /// The part of a graph; operators that it does not need go.
    ///
    /// Fails when a tensor is not there, or is there more than once.
    pub fn of(&self, graph: Graph) -> Result<Graph, ModelsError> {
        let find = |name: &str| {
            let mut found = (0..graph.tensors.len()).filter(|&index| {
                graph
                    .tensors
                    .get(index)
                    .is_some_and(|tensor| tensor.name == name)
            });
            match (found.next(), found.next()) {
                (Some(index), None) => Ok(index),
                (None, _) => Err(ModelsError::format(format!("no tensor is called {name}"))),
                _ => Err(ModelsError::format(format!(
                    "more than one tensor is called {name}"
                ))),
            }
        };
        let inputs = match &self.input {
            Some(name) => vec![find(name)?],
            None => graph.inputs.clone(),
        };
        let outputs = self
            .outputs
            .iter()
            .map(|name| find(name))
            .collect::<Result<Vec<usize>, _>>()?;
        // From the end: what is needed, until the inputs.
        let mut needed = outputs.clone();
        let mut operators = Vec::new();
        for operator in graph.operators.into_iter().rev() {
            if needed.contains(&operator.output) && !inputs.contains(&operator.output) {
                needed.extend(&operator.inputs);
                operators.push(operator);
            }
        }
        operators.reverse();
        Ok(Graph {
            operators,
            inputs,
            outputs,
            tensors: graph.tensors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Operation, Operator, Tensor};

    /// `picture -> a -> (unknown) -> b -> c`, and `a -> d`.
    fn graph() -> Graph {
        let tensors = ["picture", "a", "b", "c", "d", "twin", "twin"].map(|name| Tensor {
            name: name.to_owned(),
            shape: vec![1, 2, 2, 1],
            values: None,
        });
        let step = |operation, input, output| Operator {
            operation,
            inputs: vec![input],
            output,
        };
        Graph {
            tensors: tensors.to_vec(),
            operators: vec![
                step(Operation::Relu, 0, 1),
                step(Operation::Other("a transform".to_owned()), 1, 2),
                step(Operation::Relu6, 2, 3),
                step(Operation::Relu, 1, 4),
            ],
            inputs: vec![0],
            outputs: vec![3],
        }
    }

    fn cut(input: Option<&str>, outputs: &[&str]) -> Result<Graph, ModelsError> {
        let cut = Cut {
            input: input.map(str::to_owned),
            outputs: outputs.iter().map(|name| (*name).to_owned()).collect(),
        };
        cut.of(graph())
    }

    fn made(graph: &Graph) -> Vec<usize> {
        graph
            .operators
            .iter()
            .map(|operator| operator.output)
            .collect()
    }

    #[test]
    fn only_what_is_needed_stays() {
        let first = cut(None, &["d"]).unwrap();
        assert_eq!(
            (made(&first), first.inputs, first.outputs),
            (vec![1, 4], vec![0], vec![4])
        );
        let last = cut(Some("b"), &["c"]).unwrap();
        assert_eq!(
            (made(&last), last.inputs, last.outputs),
            (vec![3], vec![2], vec![3])
        );
    }

    #[test]
    fn an_unknown_operator_is_refused_only_where_it_is_needed() {
        let convert = |graph: &Graph| crate::convert(graph, "part", "nowhere");
        assert!(convert(&cut(None, &["d"]).unwrap()).is_ok());
        let error = convert(&cut(None, &["c"]).unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains("a transform"), "{error}");
    }

    #[test]
    fn names_are_found_once() {
        for (name, cause) in [("nobody", "no tensor"), ("twin", "more than one")] {
            let error = cut(None, &[name]).unwrap_err().to_string();
            assert!(error.contains(cause), "{error}");
        }
    }
}
