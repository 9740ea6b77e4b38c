import { describe, expect, it } from 'vitest';
import { createLogger } from '../observability/logger.js';
import { DeviceChoice, type DeviceParts } from './device-choice.js';

const L4 = {
  name: 'NVIDIA L4',
  memoryBytes: 23_034 * 2 ** 20,
  driver: '580.65.06',
  computeCapability: '8.9',
};

function choice(parts: Partial<DeviceParts>): { device: DeviceChoice; probes: () => number } {
  let probes = 0;
  const { probe = () => Promise.resolve({ works: true as const }) } = parts;
  const counted: DeviceParts = {
    wanted: 'auto',
    visible: true,
    installed: true,
    gpus: () => Promise.resolve([L4]),
    logger: createLogger('silent'),
    ...parts,
    probe: () => {
      probes += 1;
      return probe();
    },
  };
  return { device: new DeviceChoice(counted), probes: () => probes };
}

const failing = () =>
  Promise.resolve({ works: false as const, reason: 'CUDA driver version is insufficient' });

describe('DEVICE=auto', () => {
  it('takes a GPU that works, tried once, and names it', async () => {
    const { device, probes } = choice({});
    expect(device.known).toBeUndefined();
    await Promise.all([device.decide(), device.decide()]);
    expect(device.known).toMatchObject({ device: 'cuda', gpus: [L4] });
    expect(device.known?.reason).toBe(
      'CUDA works on NVIDIA L4 (22 GB, driver 580.65.06, compute capability 8.9).',
    );
    expect(device.known?.warning).toBeUndefined();
    expect(probes()).toBe(1);
  });

  it('takes the CPU with a warning where there is a GPU and CUDA fails', async () => {
    const { device } = choice({ probe: failing });
    const { device: used, warning } = await device.decide();
    expect(used).toBe('cpu');
    expect(warning).toMatch(/on the CPU although DEVICE=auto.*NVIDIA L4.*driver version is insufficient/);
  });

  it('takes the CPU with a warning where it is installed for a GPU and there is no sign of one', async () => {
    const { device, probes } = choice({ visible: false });
    const { device: used, warning } = await device.decide();
    expect(used).toBe('cpu');
    expect(warning).toMatch(/on the CPU although.*no NVIDIA device.*--gpus all.*DEVICE=cpu/);
    expect(probes()).toBe(0);
  });

  it('takes the CPU without ado where nothing of a GPU is installed and there is no sign of one', async () => {
    const { device, probes } = choice({ visible: false, installed: false });
    expect(await device.decide()).toMatchObject({ device: 'cpu', reason: expect.stringContaining('NVIDIA') });
    expect(device.known?.warning).toBeUndefined();
    expect(probes()).toBe(0);
  });
});

describe('DEVICE=cuda', () => {
  it('is refused where CUDA fails, in a sentence that says why and what to do', async () => {
    const { device } = choice({ wanted: 'cuda', visible: false, probe: failing });
    await expect(device.decide()).rejects.toThrow(
      /^DEVICE=cuda cannot be had here\. .*insufficient Set DEVICE=auto/,
    );
  });
});

it('DEVICE=cpu asks no GPU', async () => {
  const { device, probes } = choice({ wanted: 'cpu' });
  expect((await device.decide()).device).toBe('cpu');
  expect(probes()).toBe(0);
});

it.each([
  ['cpu', true, false],
  ['auto', false, false],
  ['auto', true, true],
  ['cuda', false, true],
] as const)(
  'DEVICE=%s with a GPU visible: %s puts all engines into one process: %s',
  (wanted, visible, one) => {
    expect(choice({ wanted, visible }).device.oneProcess).toBe(one);
  },
);
