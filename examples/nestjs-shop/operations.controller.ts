import { Controller, Get, Header, Param, Post } from '@nestjs/common';
import type { Halyard } from 'halyard';
import { Flags, InjectHalyard, type RequestFlags } from 'halyard/nestjs';
import { register } from 'prom-client';

/** What an operator does when the payment provider is down, and looks at; a real shop asks who is calling. */
@Controller()
export class OperationsController {
  readonly #halyard: Halyard;

  constructor(@InjectHalyard() halyard: Halyard) {
    this.#halyard = halyard;
  }

  @Post('admin/:flag/kill')
  async kill(@Param('flag') flag: string) {
    await this.#halyard.kill(flag, { by: 'operator', reason: 'asked for at /admin' });
    return this.#halyard.details(flag, true);
  }

  @Post('admin/:flag/restore')
  async restore(@Param('flag') flag: string) {
    await this.#halyard.restore(flag, { by: 'operator', reason: 'asked for at /admin' });
    return this.#halyard.details(flag, true);
  }

  @Get('explain/:flag')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  explain(@Flags() flags: RequestFlags, @Param('flag') flag: string) {
    return `${String(flags.explain(flag))}\n`;
  }

  @Get('metrics')
  @Header('Content-Type', register.contentType)
  metrics() {
    return register.metrics();
  }
}
