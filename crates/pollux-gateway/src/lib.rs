//! From a client's request to its answer: auth, faces, proxying.
