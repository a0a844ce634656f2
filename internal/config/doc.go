// Package config reads kaisen's configuration: defaults, then a YAML file, then the environment, then flags, each
// over the one before, and is the only home of koanf.
//
// It finds everything that is wrong at once: unknown keys, wrong types and impossible values, each with its path,
// what is wrong and what to do. It touches files (secrets, the list of extra lines) only to see that they can be
// read, and hands out what they hold on demand, so that a secret in memory is never printed with the rest.
//
// It refuses to do anything with the values: it opens no connection, creates no folder, starts nothing, and a value
// it had to doubt never becomes a default in silence.
package config
