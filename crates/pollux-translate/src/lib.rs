//! The wire types of Gemini, OpenAI and Anthropic, and the pure translations between them.
