//! What each face takes, passes on and answers.

mod cors;
mod forms;
mod gemini;
mod health;
mod models;
mod openai;
mod openai_audio;
mod openai_completions;
mod openai_embeddings;
mod openai_images;
mod openai_tools;
mod owned;
mod safety;
