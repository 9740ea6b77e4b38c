import { describe, expect, it } from 'vitest';
import { misspeltNames } from './misspelt-names.js';
import { environment } from './schema.js';

const known = Object.keys(environment.shape);

describe('a misspelt name', () => {
  it.each([
    ['MODEL_DIR', 'MODELS_DIR'],
    ['OPENROUTER_APIKEY', 'OPENROUTER_API_KEY'],
    ['LOG_LEVLE', 'LOG_LEVEL'],
    ['log_level', 'LOG_LEVEL'],
    ['CHAT_MAX_TOKEN', 'CHAT_MAX_TOKENS'],
    ['DEVISE', 'DEVICE'],
  ])('%s is reported with the name that was probably meant', (given, meant) => {
    expect(misspeltNames([given], known)).toEqual([
      `${given} is not a setting of this service. Was ${meant} meant?`,
    ]);
  });

  it('does not include our own settings and variables of systems and hosts', () => {
    const others = [
      ...['HOME', 'HOSTNAME', 'PATH', 'PWD', 'USER', 'LANG', 'TERM', 'SHELL', 'NODE_ENV', 'TZ', 'SHLVL', '_'],
      ...[
        'RAILWAY_ENVIRONMENT',
        'RUNPOD_POD_HOSTNAME',
        'RUNPOD_PUBLIC_IP',
        'K_SERVICE',
        'FLY_APP_NAME',
        'HF_HOME',
      ],
      ...[
        'CUDA_VISIBLE_DEVICES',
        'NVIDIA_VISIBLE_DEVICES',
        'npm_config_cache',
        'OPENAI_ORG_ID',
        'SSL_CERT_DIR',
      ],
    ];
    expect(misspeltNames([...known, ...others], known)).toEqual([]);
  });
});
