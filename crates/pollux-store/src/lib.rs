//! Keys, pools, users, settings and usage in portable SQL over a two-method driver.
