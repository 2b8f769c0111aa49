//! Object stores in the cloud.
