//! What each face takes, passes on and answers.

mod cors;
mod gemini;
mod health;
mod models;
mod openai;
mod owned;
