//! Which key goes next, what each attempt taught, and how much each user may still spend.
