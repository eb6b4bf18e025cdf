//! A Gemini that can be told to be out of quota, slow, cut off or suspended.
