//! The ONNX file format, for programs that write models.
//!
//! These are the protobuf types tract reads models with, so that what is written with them is
//! certain to be read again. [`Message::encode_to_vec`] gives the bytes of a [`ModelProto`].

pub use prost::Message;
pub use tract_onnx::pb::attribute_proto::AttributeType;
pub use tract_onnx::pb::tensor_proto::DataType;
pub use tract_onnx::pb::tensor_shape_proto::{Dimension, dimension};
pub use tract_onnx::pb::type_proto;
pub use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, StringStringEntryProto,
    TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
};
