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
  it('chooses a GPU that works, tries it once, and names it', async () => {
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

  it('chooses the CPU with a warning when there is a GPU and CUDA fails', async () => {
    const { device } = choice({ probe: failing });
    const { device: used, warning } = await device.decide();
    expect(used).toBe('cpu');
    expect(warning).toMatch(/on the CPU although DEVICE=auto.*NVIDIA L4.*driver version is insufficient/);
  });

  it('chooses the CPU with a warning when GPU libraries are installed but no GPU is visible', async () => {
    const { device, probes } = choice({ visible: false });
    const { device: used, warning } = await device.decide();
    expect(used).toBe('cpu');
    expect(warning).toMatch(/on the CPU although.*no NVIDIA device.*--gpus all.*DEVICE=cpu/);
    expect(probes()).toBe(0);
  });

  it('chooses the CPU without a warning when no GPU and no GPU libraries are present', async () => {
    const { device, probes } = choice({ visible: false, installed: false });
    expect(await device.decide()).toMatchObject({ device: 'cpu', reason: expect.stringContaining('NVIDIA') });
    expect(device.known?.warning).toBeUndefined();
    expect(probes()).toBe(0);
  });
});

describe('DEVICE=cuda', () => {
  it('is rejected when CUDA fails, with the reason and what to do', async () => {
    const { device } = choice({ wanted: 'cuda', visible: false, probe: failing });
    await expect(device.decide()).rejects.toThrow(
      /^DEVICE=cuda does not work here\. .*insufficient Set DEVICE=auto/,
    );
  });
});

it('DEVICE=cpu does not probe the GPU', async () => {
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
